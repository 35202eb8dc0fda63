//! Notification targets with the state of their queues.

use crate::{
    api::operations::{ListBody, TargetBody, TargetQuery},
    app::App,
    domain::{Api, OrganizationId, Webhook},
    store::{StoreError, queue_key},
};

impl App {
    /// Reads a page of notification targets. Needs `Query` on the Webhooks table and `BatchGetItem` on the Deliveries
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn target_page(
        &self,
        organization: &OrganizationId,
        query: &TargetQuery,
    ) -> Result<ListBody<TargetBody>, StoreError> {
        let (api, limit) = (Some(Api::Operations), query.list.limit);
        let (targets, more) = self.webhooks_with_queues(organization, api, query.after.as_ref(), limit).await?;
        let items = targets.iter().map(|(target, queue)| TargetBody::new(target, queue)).collect();
        let next = targets.last().filter(|_| more).map(|(last, _)| query.list.cursor(&last.key));
        Ok(ListBody { items, next })
    }

    /// Reads the target's queue, and shows the target. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn target_body(&self, target: &Webhook) -> Result<TargetBody, StoreError> {
        let queue = self.store.queue(&queue_key(&target.organization, &target.key)).await?;
        Ok(TargetBody::new(target, &queue))
    }
}
