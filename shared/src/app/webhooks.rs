//! Making and changing a webhook for a request: what every route that does so has in common.

use super::App;
use crate::{
    delivery::Wake as _,
    domain::{Caller, OrganizationId, Webhook, WebhookKey},
    http::Request,
    store::{Changed, Creation, StoreError, queue_key},
};

impl App {
    /// Makes the webhook, unless the caller's organization has as many through its API as it may; noted for the log line of the
    /// request. Needs what [`crate::store::Store::create_webhook`] needs.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn create_webhook(
        &self,
        request: &Request,
        caller: &Caller,
        webhook: &Webhook,
    ) -> Result<Creation, StoreError> {
        let limit = caller.organization.webhook_limit(webhook.key.api);
        let creation = self.store.create_webhook(webhook, Some(limit)).await?;
        if let Creation::Created = creation {
            request.audit.note_webhook(&webhook.key.id);
        }
        Ok(creation)
    }

    /// Applies `change` to the webhook and wakes drain if its queue is due now; the webhook after it, or `None` if there is no
    /// such webhook. Needs what [`crate::store::Store::change_webhook`] needs. `change` may run again on a fresher webhook.
    ///
    /// # Errors
    ///
    /// Why `change` refused, or what the store's failure becomes.
    pub async fn change_webhook<E: From<StoreError> + Send>(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        mut change: impl FnMut(&mut Webhook) -> Result<(), E> + Send,
    ) -> Result<Option<Webhook>, E> {
        let mut refusal = None;
        let mut decide = |webhook: &mut Webhook| {
            refusal = change(webhook).err();
            refusal.is_none()
        };
        match self.store.change_webhook(organization, key, &mut decide).await? {
            Changed::Done { webhook, released } => {
                if released {
                    self.waker.wake(&[queue_key(organization, key)]).await;
                }
                Ok(Some(*webhook))
            }
            Changed::Missing => Ok(None),
            Changed::Refused => refusal.map_or(Ok(None), Err),
        }
    }
}
