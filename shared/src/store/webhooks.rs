//! Creating, reading, changing and deleting webhooks. Each change includes everything that must change with the
//! webhook.

use super::{
    Announcement, Store, StoreError,
    condition::Condition::{Exists, Is},
    keys::{organization_pk, webhook_prefix, webhook_sk},
    queue::Renewal,
    records::webhook_of,
    values::{key, moment, number_of, text},
    write::Write,
};
use crate::domain::{Api, OrganizationId, Suspension, Webhook, WebhookKey};

/// The result of creating a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The webhook was created.
    Created,
    /// The organization already has as many webhooks as it may have: this many.
    LimitReached(u32),
    /// Another webhook of the organization has the same URL (Flip).
    DuplicateUrl,
}

/// The result of changing a webhook.
#[derive(Debug)]
pub enum Changed {
    /// The webhook was changed.
    Done {
        /// The webhook after the change.
        webhook: Box<Webhook>,
        /// Whether the queue is now due and drain should be woken: a hold ended, or requests that failed before may now
        /// succeed.
        released: bool,
    },
    /// The webhook was not found.
    Missing,
    /// The function that was to change the webhook refused.
    Refused,
}

impl Store {
    /// Reads the webhook with a consistent read; `None` if it does not exist. Needs `GetItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhook(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
    ) -> Result<Option<Webhook>, StoreError> {
        let wanted = key(organization_pk(organization), webhook_sk(webhook));
        let item = self.get_item(&self.tables.webhooks, wanted).await?;
        item.map(|item| webhook_of(organization, item)).transpose()
    }

    /// Reserves the organization's next integer id in the API. An id is never given twice, even if it is not used.
    /// Needs `UpdateItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn next_webhook_id(&self, organization: &OrganizationId, api: Api) -> Result<u64, StoreError> {
        self.next_id(organization, api, "last_webhook_id").await
    }

    /// Creates the webhook, its subscriptions and its entry in the API's count, in one transaction, unless there are
    /// `limit` webhooks already. Needs `UpdateItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn create_webhook(&self, webhook: &Webhook, limit: Option<u32>) -> Result<Creation, StoreError> {
        Ok(match self.transact(self.creation(webhook, limit)?).await? {
            Ok(()) => Creation::Created,
            // The counter, which enforces the limit, is the first write; the URL's claim is the second. If both refuse,
            // the limit counts: Flip documents that error first. An id is never given twice, so that no other condition
            // can fail.
            Err(refused) if refused.iter().any(|(at, _)| *at == 0) => Creation::LimitReached(limit.unwrap_or(u32::MAX)),
            Err(_) => Creation::DuplicateUrl,
        })
    }

    /// Sets name and description where given, and `updated`, in one write. `None` if the webhook does not exist, or if
    /// a `project` is given and the webhook belongs to another one. Needs `UpdateItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn describe_webhook(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        project: Option<&str>,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Option<Webhook>, StoreError> {
        let mut update = Write::update(&self.tables.webhooks, key(organization_pk(organization), webhook_sk(webhook)))
            .set("updated", moment(self.clock.now()))
            .set_given("name", name.map(text))
            .set_given("description", description.map(text))
            .only_if(Exists("pk"))
            .showing_items();
        if let Some(project) = project {
            update = update.only_if(Is("project", text(project)));
        }
        let written = self.update_item(update).await?.ok();
        written.map(|item| webhook_of(organization, item)).transpose()
    }

    /// Applies `change` to the webhook and writes what differs, with the subscriptions and the queue's state, in one
    /// transaction. Writes nothing if `change` returns false. If others write at the same time, `change` may run again
    /// on a fresher webhook. Needs `GetItem`, `UpdateItem`, `PutItem` and `DeleteItem` on the Webhooks table and
    /// `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn change_webhook(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        change: &mut (dyn FnMut(&mut Webhook) -> bool + Send),
    ) -> Result<Changed, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let Some(before) = self.webhook(organization, key).await? else { return Ok(Changed::Missing) };
            let mut after = before.clone();
            if !change(&mut after) {
                return Ok(Changed::Refused);
            }
            if self.replace_webhook(&before, &mut after).await? {
                let anew = before.hold().is_some() || after.repairs(&before, self.clock.now());
                let released = anew && after.hold().is_none();
                return Ok(Changed::Done { webhook: Box::new(after), released });
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Deletes the webhook with its subscriptions and configurations, lowers the API's count and marks the queue as
    /// deleted, in one transaction. Returns false if `allowed` returns false or the webhook does not exist. Needs
    /// `GetItem`, `DeleteItem` and `UpdateItem` on the Webhooks table and `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn delete_webhook(
        &self,
        organization: &OrganizationId,
        webhook: &WebhookKey,
        allowed: impl Fn(&Webhook) -> bool + Send + Sync,
    ) -> Result<bool, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let Some(found) = self.webhook(organization, webhook).await? else { return Ok(false) };
            if !allowed(&found) {
                return Ok(false);
            }
            if self.commit(self.deletion(&found)).await? {
                return Ok(true);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Suspends the webhook, holds its queue and puts the event `told` that tells of it, in one transaction. Returns false if the webhook is no longer at the
    /// generation that the worker saw, or the worker no longer holds the lease. Of `progress`, only the pace, the
    /// last failure and the history are stored. Needs `UpdateItem` on the Webhooks and the Deliveries table, and `PutItem`
    /// on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn suspend_webhook(
        &self,
        webhook: &Webhook,
        suspension: &Suspension,
        lease: &str,
        progress: &Renewal,
        told: Option<&Announcement>,
    ) -> Result<bool, StoreError> {
        Ok(self.transact(self.suspension(webhook, suspension, lease, progress, told)?).await?.is_ok())
    }

    /// Increments one of the API's counters and returns its new value.
    pub(super) async fn next_id(
        &self,
        organization: &OrganizationId,
        api: Api,
        counter: &str,
    ) -> Result<u64, StoreError> {
        let update = Write::update(&self.tables.webhooks, key(organization_pk(organization), webhook_prefix(api)));
        let counters = self.update_item(update.add(counter, 1).showing_items()).await?;
        Ok(counters.ok().and_then(|counters| number_of(&counters, counter)).unwrap_or_default())
    }

    /// Writes the difference between two states of a webhook, without a signing secret that has ended. Returns false if
    /// the webhook has changed since it was read.
    pub(super) async fn replace_webhook(&self, before: &Webhook, after: &mut Webhook) -> Result<bool, StoreError> {
        after.generation = before.generation + 1;
        after.endpoint.forget_ended_secret(self.clock.now());
        self.commit(self.replacement(before, after)?).await
    }
}
