//! Sessions of the console: entering by a ticket, being found, ending, and counting attempts to enter.

use std::time::Duration;

use super::{
    Store, StoreError,
    condition::Condition::Above,
    keys::{
        ORGANIZATION_SK, QUEUE_SK, SESSION_SK, TICKET_SK, attempts_pk, organization_pk, queue_key, session_pk,
        ticket_pk, token_pointer_sk, webhook_sk,
    },
    records::{queue_of, read, webhook_of, write},
    values::{key, moment, number, number_of, text_of},
    write::Write,
};
use crate::{
    domain::{Organization, OrganizationId, QueueState, Session, Ticket, Timestamp, Webhook, WebhookKey},
    encoding::sha256_hex,
};

/// The sort key of a count of attempts.
const ATTEMPTS_SK: &str = "ATTEMPTS";

/// A session with what was read beside it.
#[derive(Debug)]
pub struct Visit {
    /// The session. It may have ended.
    pub session: Session,
    /// Its organization.
    pub organization: Organization,
    /// The webhook that was asked for, with the state of its queue; `None` if it does not exist.
    pub webhook: Option<(Webhook, QueueState)>,
}

/// By what attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance<'a> {
    /// The address from which they come.
    Address(&'a str),
    /// The address from which links come.
    LinkAddress(&'a str),
    /// The beginning of the key.
    KeyPrefix(&'a str),
    /// The organization that sends tests to endpoints that are not stored.
    Trial(&'a str),
}

impl Store {
    /// Stores a session until it ends. Needs `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut item = write(session)?;
        item.extend(key(session_pk(&session.hash), SESSION_SK));
        item.insert("expires_at".to_owned(), number(session.expires.seconds() + 3_600));
        self.put_item(Write::put(&self.tables.webhooks, item)).await.map(|_| ())
    }

    /// Reads the session with that hash, its organization and, if asked for, a webhook of the organization with its queue,
    /// in one call. `None` unless session and organization exist and belong together, and the token `token` that began the
    /// session has not been revoked. Needs `BatchGetItem` on the
    /// Webhooks and the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or an item cannot be read.
    pub async fn find_session(
        &self,
        organization: &OrganizationId,
        token: &str,
        hash: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<Visit>, StoreError> {
        let owner = organization_pk(organization);
        let pointer = token_pointer_sk(token);
        let mut wanted = vec![
            key(session_pk(hash), SESSION_SK),
            key(owner.as_str(), ORGANIZATION_SK),
            key(owner.as_str(), pointer.as_str()),
        ];
        wanted.extend(webhook.map(|webhook| key(owner.as_str(), webhook_sk(webhook))));
        let queues = webhook.map(|webhook| key(queue_key(organization, webhook), QUEUE_SK));
        let tables =
            [(self.tables.webhooks.as_str(), wanted), (self.tables.deliveries.as_str(), queues.into_iter().collect())];
        let (mut session, mut owner, mut found, mut valid) = (None, None, None, false);
        let [items, mut queue] = self.batch_get_of(tables).await?;
        for item in items {
            match text_of(&item, "sk") {
                SESSION_SK => session = Some(read::<Session>(item)?),
                ORGANIZATION_SK => owner = Some(read::<Organization>(item)?),
                sk if sk == pointer => valid = true,
                _ => found = Some(item),
            }
        }
        let both = session
            .zip(owner)
            .filter(|(session, owner)| valid && session.organization == owner.id && session.token == token);
        let Some((session, owner)) = both else { return Ok(None) };
        let webhook = found.map(|item| webhook_of(organization, item)).transpose()?;
        let queue = queue.pop().map_or_else(|| Ok(QueueState::default()), queue_of)?;
        Ok(Some(Visit { session, organization: owner, webhook: webhook.map(|webhook| (webhook, queue)) }))
    }

    /// Ends a session. Needs `DeleteItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn end_session(&self, hash: &str) -> Result<(), StoreError> {
        self.delete_item(Write::delete(&self.tables.webhooks, key(session_pk(hash), SESSION_SK))).await.map(|_| ())
    }

    /// Takes the ticket with that hash, so that nobody can use it again. `None` if it does not exist, was used, or has
    /// expired. Needs `DeleteItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn take_ticket(&self, hash: &str) -> Result<Option<Ticket>, StoreError> {
        let delete = Write::delete(&self.tables.webhooks, key(ticket_pk(hash), TICKET_SK));
        let delete = delete.only_if(Above("expires", moment(self.clock.now()))).showing_items();
        self.delete_item(delete).await?.ok().map(read).transpose()
    }

    /// Counts an attempt, or with false takes back that it was counted, and returns how many there are in the present window
    /// of that length. Only a hash of what is counted by is stored. Needs `UpdateItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn count_attempt(
        &self,
        entrance: &Entrance<'_>,
        window: Duration,
        counts: bool,
    ) -> Result<u64, StoreError> {
        let (kind, of) = match entrance {
            Entrance::Address(address) => ("address", address),
            Entrance::LinkAddress(address) => ("link", address),
            Entrance::KeyPrefix(prefix) => ("key", prefix),
            Entrance::Trial(organization) => ("trial", organization),
        };
        let window_s = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
        let number_of_window = self.clock.now().seconds() / window_s;
        let hash = sha256_hex(format!("{kind} {of} {number_of_window}").as_bytes());
        let end = Timestamp((number_of_window + 1) * window_s * 1_000);
        let update = Write::update(&self.tables.webhooks, key(attempts_pk(&hash), ATTEMPTS_SK))
            .add("attempts", if counts { 1 } else { -1 })
            .set("expires_at", number(end.seconds() + 3_600))
            .showing_items();
        let counted = self.update_item(update).await?.ok();
        Ok(counted.and_then(|item| number_of(&item, "attempts")).unwrap_or(u64::MAX))
    }
}
