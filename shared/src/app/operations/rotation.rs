//! Replacing the signing secret of a webhook of any API.

use std::time::Duration;

use crate::{
    api::operations::{OperationsFailure, RotationBody, check_overlap},
    app::App,
    delivery::standard_webhooks,
    domain::{OrganizationId, Timestamp, WebhookKey},
};

impl App {
    /// Gives the webhook a new signing secret; the old one signs beside it for `overlap`. `None` if the webhook does not
    /// exist. Needs the same permissions as [`App::change_webhook`].
    ///
    /// # Errors
    ///
    /// 409 if nothing is signed, or while the overlap of an earlier rotation runs; and the failures of the store.
    pub async fn rotate_secret(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        overlap: Duration,
    ) -> Result<Option<RotationBody>, OperationsFailure> {
        let now = self.store.clock().now();
        let signing_secret = standard_webhooks::generate(self.store.random());
        let mut alone = Timestamp::default();
        let changed = self.change_webhook(organization, key, |webhook| {
            check_overlap(&webhook.endpoint, overlap, now)?;
            alone = webhook.endpoint.rotate(signing_secret.clone(), overlap, now)?;
            webhook.updated = now;
            Ok::<_, OperationsFailure>(())
        });
        let changed = changed.await?;
        Ok(changed.map(|_| RotationBody { signing_secret, old_secret_valid_until: alone.into() }))
    }
}
