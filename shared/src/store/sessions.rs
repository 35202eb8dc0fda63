//! Sessions of the console: entering by a ticket, being found, ending, and counting attempts to enter.

use std::time::Duration;

use super::{
    Store, StoreError,
    condition::Condition::{Above, BeginsWith, Is},
    keys::{
        ORGANIZATION_SK, QUEUE_SK, SESSION_SK, TICKET_SK, attempts_pk, organization_pk, queue_key, session_pk,
        session_pointer_prefix, session_pointer_sk, ticket_pk, webhook_sk,
    },
    records::{queue_of, read, webhook_of, write},
    values::{key, moment, number, number_of, text, text_of},
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

/// By what attempts to enter the console are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance<'a> {
    /// The address from which they come.
    Address(&'a str),
    /// The beginning of the key.
    KeyPrefix(&'a str),
}

impl Store {
    /// Stores a session until it ends, with the pointer by which it is found when its token is revoked. Needs `PutItem`
    /// on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn put_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut item = write(session)?;
        item.extend(key(session_pk(&session.hash), SESSION_SK));
        let mut pointer =
            key(organization_pk(&session.organization), session_pointer_sk(&session.token, &session.hash));
        for item in [&mut item, &mut pointer] {
            // An hour more, so that an ended session is known as one and not as a forged one.
            item.insert("expires_at".to_owned(), number(session.expires.seconds() + 3_600));
        }
        let puts = [item, pointer].map(|item| Write::put(&self.tables.webhooks, item).into());
        self.transact(puts).await.map(|_| ())
    }

    /// Reads the session with that hash, its organization and, if asked for, a webhook of the organization with its queue,
    /// in one call. `None` unless session and organization exist and belong together. Needs `BatchGetItem` on the
    /// Webhooks and the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or an item cannot be read.
    pub async fn find_session(
        &self,
        organization: &OrganizationId,
        hash: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<Visit>, StoreError> {
        let owner = organization_pk(organization);
        let mut wanted = vec![key(session_pk(hash), SESSION_SK), key(owner.as_str(), ORGANIZATION_SK)];
        wanted.extend(webhook.map(|webhook| key(owner.as_str(), webhook_sk(webhook))));
        let queues = webhook.map(|webhook| key(queue_key(organization, webhook), QUEUE_SK));
        let tables =
            [(self.tables.webhooks.as_str(), wanted), (self.tables.deliveries.as_str(), queues.into_iter().collect())];
        let (mut session, mut owner, mut found) = (None, None, None);
        let [items, mut queue] = self.batch_get_of(tables).await?;
        for item in items {
            match text_of(&item, "sk") {
                SESSION_SK => session = Some(read::<Session>(item)?),
                ORGANIZATION_SK => owner = Some(read::<Organization>(item)?),
                _ => found = Some(item),
            }
        }
        let both = session.zip(owner).filter(|(session, owner)| session.organization == owner.id);
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
    pub async fn end_session(&self, organization: &OrganizationId, token: &str, hash: &str) -> Result<(), StoreError> {
        let keys =
            [key(session_pk(hash), SESSION_SK), key(organization_pk(organization), session_pointer_sk(token, hash))];
        self.transact(keys.map(|key| Write::delete(&self.tables.webhooks, key).into())).await.map(|_| ())
    }

    /// Ends all sessions that were begun with that token or with a link that it made. Needs `Query` and `DeleteItem` on
    /// the Webhooks table; no deployed function calls it.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub(super) async fn end_sessions_of(&self, organization: &OrganizationId, token: &str) -> Result<(), StoreError> {
        let prefix = session_pointer_prefix(token);
        let of = [Is("pk", text(organization_pk(organization))), BeginsWith("sk", text(&prefix))];
        let (pointers, _) = self.query(&self.tables.webhooks, of).showing(&["sk"]).first(usize::MAX, None).await?;
        for pointer in &pointers {
            if let Some(hash) = text_of(pointer, "sk").strip_prefix(&prefix) {
                self.end_session(organization, token, hash).await?;
            }
        }
        Ok(())
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

    /// Counts an attempt to enter, and returns how many there were in the present window of that length. Only a hash of
    /// the address or prefix is stored. Needs `UpdateItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn count_attempt(&self, entrance: &Entrance<'_>, window: Duration) -> Result<u64, StoreError> {
        let (kind, of) = match entrance {
            Entrance::Address(address) => ("address", address),
            Entrance::KeyPrefix(prefix) => ("key", prefix),
        };
        let window_s = i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1);
        let number_of_window = self.clock.now().seconds() / window_s;
        let hash = sha256_hex(format!("{kind} {of} {number_of_window}").as_bytes());
        let end = Timestamp((number_of_window + 1) * window_s * 1_000);
        let update = Write::update(&self.tables.webhooks, key(attempts_pk(&hash), ATTEMPTS_SK))
            .add("attempts", 1)
            .set("expires_at", number(end.seconds() + 3_600))
            .showing_items();
        let counted = self.update_item(update).await?.ok();
        Ok(counted.and_then(|item| number_of(&item, "attempts")).unwrap_or(u64::MAX))
    }
}
