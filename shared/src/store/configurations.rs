//! SD Elements' event configurations. They are stored in their webhook's item, so that they change and are deleted with
//! it, and no configuration exists without a webhook.

use super::{Store, StoreError};
use crate::domain::{Configuration, OrganizationId, Subscription, WebhookKey};

/// The result of creating a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum NewConfiguration {
    /// The configuration was created.
    Created(Subscription),
    /// The webhook was not found.
    Missing,
    /// The webhook already has a configuration for that event source.
    Duplicate,
    /// The webhook's configurations would name more projects than it may subscribe to.
    TooManyProjects,
}

impl Store {
    /// Adds `new` to the webhook's subscriptions, with an event configuration of its own, unless the webhook already has
    /// one with the same pattern or the subscriptions would not fit into a transaction.
    /// Needs `GetItem`, `UpdateItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn create_configuration(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        new: Subscription,
    ) -> Result<NewConfiguration, StoreError> {
        let start = self.clock.monotonic();
        let mut id = None;
        loop {
            let Some(before) = self.webhook(organization, key).await? else { return Ok(NewConfiguration::Missing) };
            if before.subscriptions.iter().any(|subscription| subscription.pattern == new.pattern) {
                return Ok(NewConfiguration::Duplicate);
            }
            let mut after = before.clone();
            after.subscriptions.push(new.clone());
            if !after.fits() {
                return Ok(NewConfiguration::TooManyProjects);
            }
            let given = match id {
                Some(id) => id,
                None => self.next_id(organization, key.api, "last_configuration_id").await?,
            };
            id = Some(given);
            let now = self.clock.now();
            let configuration = Some(Configuration { id: given, created: now, updated: now });
            let added = Subscription { configuration, ..new.clone() };
            after.subscriptions.pop();
            after.subscriptions.push(added.clone());
            if self.replace_webhook(&before, &mut after).await? {
                return Ok(NewConfiguration::Created(added));
            }
            self.pause_for_conflict(start).await?;
        }
    }
}
