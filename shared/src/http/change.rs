//! Changing a webhook for a request: what every route that changes one does after it.

use super::App;
use crate::{
    delivery::Wake as _,
    domain::{OrganizationId, Webhook, WebhookKey},
    store::{ChangeWebhook as _, Changed, StoreError, queue_key},
};

impl App {
    /// Applies `change` to the webhook and wakes drain if its queue is due now; the webhook after it, or `None` if there is no
    /// such webhook. Needs what [`crate::store::ChangeWebhook`] needs. `change` may run again on a fresher webhook.
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
