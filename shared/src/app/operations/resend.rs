//! Sending finished deliveries again: one, or those of a state and a span of time.

use crate::{
    api::operations::{DeliveryBody, OperationsFailure, ResendBody, ResendRequest},
    app::App,
    delivery::Wake as _,
    domain::{EventId, Organization, Webhook},
    store::{Resent, queue_key},
};

impl App {
    /// Queues a finished delivery again and wakes drain. Needs `GetItem`, `UpdateItem` and `DeleteItem` on the
    /// Deliveries table and `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// 404 if there is no such delivery, and the failures of the store.
    pub async fn resend_one(
        &self,
        organization: &Organization,
        webhook: &Webhook,
        event: EventId,
    ) -> Result<DeliveryBody, OperationsFailure> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        if self.store.resend(&queue, event).await? != Resent::Pending {
            return Err(OperationsFailure::NotFound);
        }
        let delivery = self.delivery_body(organization, &queue, event).await?;
        self.waker.wake(&[queue]).await;
        Ok(delivery)
    }

    /// Counts what the request matches and, unless it is a dry run, has drain send it again, at the webhook's pace. Needs
    /// `Query`, `GetItem` and `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// 409 while drain works on an earlier such request, 404 if the webhook was deleted, and the failures of the store.
    pub async fn resend_many(
        &self,
        webhook: &Webhook,
        wanted: &ResendRequest,
    ) -> Result<ResendBody, OperationsFailure> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        let (matching, more) = self.store.count_deliveries(&queue, &wanted.matching()).await?;
        if !wanted.dry_run {
            match self.store.request_resend(&queue, &wanted.cursor).await? {
                Resent::Pending => {}
                Resent::Busy => {
                    let message = "Another resend of this webhook is not finished yet.";
                    return Err(OperationsFailure::Conflict(message.to_owned()));
                }
                Resent::Missing | Resent::Deleted => return Err(OperationsFailure::NotFound),
            }
            self.waker.wake(&[queue]).await;
        }
        Ok(ResendBody { matching, more })
    }
}
