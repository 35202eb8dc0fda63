//! Creating and changing a webhook for a request, as all routes that do so need it.

use super::App;
use crate::{
    delivery::Wake as _,
    domain::{Caller, OrganizationId, Webhook, WebhookKey},
    http::Request,
    store::{Changed, Creation, StoreError, queue_key},
};

impl App {
    /// Creates the webhook, unless the caller's organization has reached its limit for the webhook's API. The new
    /// webhook is added to the log line of the request. Needs the same permissions as
    /// [`crate::store::Store::create_webhook`].
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or other writes keep conflicting.
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

    /// Applies `change` to the webhook, stores it, and wakes drain if that made its queue due. Returns the changed
    /// webhook, or `None` if it does not exist. If the webhook was changed meanwhile, it is read again and `change`
    /// runs again. Needs the same permissions as [`crate::store::Store::change_webhook`].
    ///
    /// # Errors
    ///
    /// The error that `change` returned, or the one to which a failure of the store is converted.
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
