//! Entering the console, being known there, and leaving.

use std::{net::IpAddr, time::Duration};

use super::App;
use crate::{
    domain::{Caller, Permission, QueueState, Session, Ticket, Timestamp, Token, Visitor, Webhook, WebhookKey},
    encoding::sha256_hex,
    http::Request,
    store::{Entrance, StoreError},
};

/// Attempts to enter are counted in windows of this length.
const WINDOW: Duration = Duration::from_secs(600);

/// The most attempts from one address in a window. People who share an address share them.
const MOST_FROM_AN_ADDRESS: u64 = 30;

/// The most attempts with keys that begin alike in a window.
const MOST_WITH_A_PREFIX: u64 = 10;

/// How many characters of a key's random part belong to its prefix. Whoever does not know the key cannot use up the
/// attempts of its owner.
const PREFIX_OF_RANDOM: usize = 4;

/// What came of an attempt to enter.
#[derive(Debug)]
pub enum Entered {
    /// A session began. Holds the text of its cookie and the session.
    Session(String, Session),
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
        if let Some(later) = self.too_many(request, Some(key)).await? {
            return Ok(Entered::TooMany(later));
        }
        let Some((caller, _)) = self.callers.find(&self.store, key, None).await? else { return Ok(Entered::Unknown) };
        let Token { organization, user, id, permissions, expires, .. } = caller.token.clone();
        let lasts = expires.map_or(Session::LONGEST, |end| end.since(self.store.clock().now()));
        self.begin(request, Visitor { organization, user, token: id, permissions }, lasts).await
    }

    /// Enters the console with a ticket, which nobody can use after that. Needs `UpdateItem`, `DeleteItem` and `PutItem`
    /// on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn enter_with_ticket(&self, request: &Request, ticket: &str) -> Result<Entered, StoreError> {
        if let Some(later) = self.too_many(request, None).await? {
            return Ok(Entered::TooMany(later));
        }
        let taken = self.store.take_ticket(&sha256_hex(ticket.as_bytes())).await?;
        let Some(Ticket { organization, user, issuer, permissions, session_s, .. }) = taken else {
            return Ok(Entered::Unknown);
        };
        let visitor = Visitor { organization, user, token: issuer, permissions };
        self.begin(request, visitor, Duration::from_secs(session_s)).await
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
        let Some(organization) = Session::organization_of(text) else { return Ok(None) };
        let found = self.store.find_session(&organization, &sha256_hex(text.as_bytes()), webhook).await?;
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
        let Caller { organization, token } = visitor;
        self.store.end_session(&organization.id, &token.id, &token.hash).await
    }

    async fn begin(&self, request: &Request, visitor: Visitor, lasts: Duration) -> Result<Entered, StoreError> {
        request.audit.note_actor(visitor.organization.as_str(), &visitor.token, &visitor.user);
        if !visitor.permissions.contains(&Permission::OperationsRead) {
            return Ok(Entered::NotPermitted);
        }
        let (text, session) = Session::begin(visitor, lasts, self.store.random(), self.store.clock().now());
        self.store.put_session(&session).await?;
        Ok(Entered::Session(text, session))
    }

    /// Counts an attempt; if there were too many, returns when the next may be made.
    async fn too_many(&self, request: &Request, key: Option<&str>) -> Result<Option<Timestamp>, StoreError> {
        let address = request.address().map(network).unwrap_or_default();
        let prefix = key.and_then(prefix_of);
        let by_address = self.store.count_attempt(&Entrance::Address(&address), WINDOW).await?;
        let by_prefix = match prefix {
            Some(prefix) => self.store.count_attempt(&Entrance::KeyPrefix(prefix), WINDOW).await?,
            None => 0,
        };
        let window_ms = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        let end = Timestamp((self.store.clock().now().0 / window_ms + 1) * window_ms);
        Ok((by_address > MOST_FROM_AN_ADDRESS || by_prefix > MOST_WITH_A_PREFIX).then_some(end))
    }
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
