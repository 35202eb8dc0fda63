//! SD Elements' event configurations. They live in their webhook's item, so that they change and end with it and none is
//! ever without one.

use super::{Store, StoreError};
use crate::domain::{Configuration, OrganizationId, Pattern, Subscription, WebhookKey};

/// The result of creating a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum NewConfiguration {
    /// It is there.
    Created(Subscription),
    /// The webhook was not found.
    Missing,
    /// The webhook has one for that event source already.
    Duplicate,
}

impl Store {
    /// Adds a subscription with an id of its own to the webhook, unless it has one with the same pattern. Needs `GetItem`,
    /// `UpdateItem` and `PutItem` on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
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
