//! SD Elements' event configurations. They are stored in their webhook's item, so that they change and are deleted with
//! it, and no configuration exists without a webhook.

use super::{Store, StoreError};
use crate::domain::{Configuration, OrganizationId, Pattern, Subscription, WebhookKey};

/// The result of creating a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum NewConfiguration {
    /// The configuration was created.
    Created(Subscription),
    /// The webhook was not found.
    Missing,
    /// The webhook already has a configuration for that event source.
    Duplicate,
}

impl Store {
    /// Adds a subscription with its own id to the webhook, unless the webhook already has one with the same pattern.
    /// Needs `GetItem`, `UpdateItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn create_configuration(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        pattern: Pattern,
        active: bool,
    ) -> Result<NewConfiguration, StoreError> {
        let start = self.clock.monotonic();
        let mut id = None;
        loop {
            let Some(before) = self.webhook(organization, key).await? else { return Ok(NewConfiguration::Missing) };
            if before.subscriptions.iter().any(|subscription| subscription.pattern == pattern) {
                return Ok(NewConfiguration::Duplicate);
            }
            let given = match id {
                Some(id) => id,
                None => self.next_id(organization, key.api, "last_configuration_id").await?,
            };
            id = Some(given);
            let now = self.clock.now();
            let configuration = Some(Configuration { id: given, created: now, updated: now });
            let added = Subscription { pattern: pattern.clone(), active, configuration };
            let mut after = before.clone();
            after.subscriptions.push(added.clone());
            if self.replace_webhook(&before, &mut after).await? {
                return Ok(NewConfiguration::Created(added));
            }
            self.pause_for_conflict(start).await?;
        }
    }
}
