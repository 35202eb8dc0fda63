//! Entering the console, being known there, and leaving.

use std::{net::IpAddr, time::Duration};

use super::App;
use crate::{
    domain::{
        Caller, OrganizationId, Permission, QueueState, Secret, Session, Ticket, Timestamp, Token, Visitor, Webhook,
        WebhookKey,
    },
    encoding::sha256_hex,
    http::Request,
    store::{Entrance, StoreError},
};

/// Attempts to enter are counted in windows of this length.
const WINDOW: Duration = Duration::from_secs(600);

/// The most failed attempts from one address in a window. People who share an address share them.
const MOST_FROM_AN_ADDRESS: u64 = 30;

/// The most failed attempts with keys that begin alike in a window.
const MOST_WITH_A_PREFIX: u64 = 10;

/// Tests to endpoints that are not stored are counted in windows of this length.
const TRIALS: Duration = Duration::from_secs(60);

/// The most such tests of an organization in a window.
const MOST_TRIALS: u64 = 10;

/// How many characters of a key's random part belong to its prefix. Whoever does not know the key cannot use up the
/// attempts of its owner.
const PREFIX_OF_RANDOM: usize = 4;

/// What came of an attempt to enter.
#[derive(Debug)]
pub enum Entered {
    /// A session began. Holds the text of its cookie and the session.
    Session(Secret, Session),
    /// The key or ticket is not valid, or no longer.
    Unknown,
    /// The key or ticket does not have the permission to look: `operations:read`.
    NotPermitted,
    /// There were too many attempts. Holds when the next may be made.
    TooMany(Timestamp),
}

/// A visitor of the console with a valid session.
#[derive(Debug)]
pub struct Visiting {
    /// Who visits, with the session's permissions.
    pub caller: Caller,
    /// When the session ends.
    pub until: Timestamp,
    /// The webhook that was asked for, with its queue; `None` if it does not exist.
    pub webhook: Option<(Webhook, QueueState)>,
}

impl App {
    /// Enters the console with a key. Needs `UpdateItem`, `BatchGetItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn enter_with_key(&self, request: &Request, key: &str) -> Result<Entered, StoreError> {
        let address = address_of(request);
        let mut by = vec![(Entrance::Address(&address), MOST_FROM_AN_ADDRESS)];
        by.extend(prefix_of(key).map(|prefix| (Entrance::KeyPrefix(prefix), MOST_WITH_A_PREFIX)));
        if let Some(later) = self.too_many(&by).await? {
            return Ok(Entered::TooMany(later));
        }
        let Some((caller, _)) = self.callers.find(&self.store, key, None).await? else { return Ok(Entered::Unknown) };
        self.forgive(&by).await?;
        let Token { organization, user, id, permissions, expires, .. } = caller.token.clone();
        let lasts = expires.map_or(Session::LONGEST, |end| end.since(self.store.clock().now()));
        self.begin(request, Visitor { organization, user, token: id, permissions }, lasts).await
    }

    /// Enters the console with a ticket, which nobody can use after that. A text that cannot be a ticket's counts as no
    /// attempt. Needs `UpdateItem`, `DeleteItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn enter_with_ticket(&self, request: &Request, ticket: &str) -> Result<Entered, StoreError> {
        if !Ticket::is_text(ticket) {
            return Ok(Entered::Unknown);
        }
        let address = address_of(request);
        let by = [(Entrance::LinkAddress(&address), MOST_FROM_AN_ADDRESS)];
        if let Some(later) = self.too_many(&by).await? {
            return Ok(Entered::TooMany(later));
        }
        let taken = self.store.take_ticket(&sha256_hex(ticket.as_bytes())).await?;
        let Some(Ticket { organization, user, issuer, permissions, session_s, .. }) = taken else {
            return Ok(Entered::Unknown);
        };
        self.forgive(&by).await?;
        let visitor = Visitor { organization, user, token: issuer, permissions };
        self.begin(request, visitor, Duration::from_secs(session_s)).await
    }

    /// Counts a test to an endpoint that is not stored. Returns after how many seconds the organization may send one again,
    /// if it has sent too many. Needs `UpdateItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn too_many_trials(&self, organization: &OrganizationId) -> Result<Option<u64>, StoreError> {
        let count = self.store.count_attempt(&Entrance::Trial(organization.as_str()), TRIALS, true).await?;
        let now = u64::try_from(self.store.clock().now().seconds()).unwrap_or(0);
        Ok((count > MOST_TRIALS).then(|| TRIALS.as_secs() - now % TRIALS.as_secs()))
    }

    /// Finds the session whose cookie has this text, and reads the webhook with it. `None` if there is no such session or
    /// it has ended. Needs `BatchGetItem` on the Webhooks and the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn session(
        &self,
        request: &Request,
        text: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<Visiting>, StoreError> {
        let Some((organization, token)) = Session::parts_of(text) else { return Ok(None) };
        let found = self.store.find_session(&organization, token, &sha256_hex(text.as_bytes()), webhook).await?;
        let found = found.filter(|visit| visit.session.expires > self.store.clock().now());
        Ok(found.map(|visit| {
            let until = visit.session.expires;
            let caller = visit.session.caller(visit.organization);
            request.audit.note_actor(caller.organization.id.as_str(), &caller.token.id, &caller.token.user);
            Visiting { caller, until, webhook: visit.webhook }
        }))
    }

    /// Ends the visitor's session. Needs `DeleteItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn leave(&self, visitor: &Caller) -> Result<(), StoreError> {
        self.store.end_session(&visitor.token.hash).await
    }

    async fn begin(&self, request: &Request, visitor: Visitor, lasts: Duration) -> Result<Entered, StoreError> {
        request.audit.note_actor(visitor.organization.as_str(), &visitor.token, &visitor.user);
        if !visitor.permissions.contains(&Permission::OperationsRead) {
            return Ok(Entered::NotPermitted);
        }
        let (text, session) = Session::begin(visitor, lasts, self.store.random(), self.store.clock().now());
        self.store.put_session(&session).await?;
        Ok(Entered::Session(Secret::new(text), session))
    }

    /// Counts an attempt by each of these; if there were too many, returns when the next may be made.
    async fn too_many(&self, by: &[(Entrance<'_>, u64)]) -> Result<Option<Timestamp>, StoreError> {
        let mut many = false;
        for (entrance, most) in by {
            many |= self.store.count_attempt(entrance, WINDOW, true).await? > *most;
        }
        let window_ms = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        Ok(many.then(|| Timestamp((self.store.clock().now().0 / window_ms + 1) * window_ms)))
    }

    /// Takes back that an attempt was counted, because it was no guess.
    async fn forgive(&self, by: &[(Entrance<'_>, u64)]) -> Result<(), StoreError> {
        for (entrance, _) in by {
            self.store.count_attempt(entrance, WINDOW, false).await?;
        }
        Ok(())
    }
}

/// What attempts from the address of the request are counted by.
fn address_of(request: &Request) -> String {
    request.address().map(network).unwrap_or_default()
}

/// The address, or of an IPv6 address its network: one customer usually has a /64 of them.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The beginning of a key: its organization and a few random characters. `None` for a text that is not a key.
fn prefix_of(key: &str) -> Option<&str> {
    let organization = Token::organization_of(key)?;
    key.get(.."oh_".len() + organization.as_str().len() + "_".len() + PREFIX_OF_RANDOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_count_together() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
        assert_eq!(of("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
    }

    #[test]
    fn the_prefix_of_a_key_does_not_show_the_key() {
        let key = format!("oh_acme_{}", "k".repeat(43));
        assert_eq!(prefix_of(&key), Some("oh_acme_kkkk"));
        assert_eq!((prefix_of("oh_acme_k"), prefix_of(&"é".repeat(60))), (None, None));
    }
}
