//! Webhooks with the state of their queues.

use crate::{
    api::operations::{
        ListBody, OperationsFailure, SummaryBody, Summing, WebhookBody, WebhookDetailBody, WebhookQuery,
    },
    app::App,
    domain::{Api, OrganizationId, QueueState, TooSoon, Webhook, WebhookKey},
    store::{StoreError, queue_key},
};

/// How many webhooks are read at once.
const AT_ONCE: usize = 100;

/// The most reads of webhooks for one page of the operations API.
pub const WEBHOOK_READS: usize = 10;

impl App {
    /// Reads a page of webhooks with the state of their queues, with at most `reads` reads of webhooks and as many of
    /// queues. A page whose filter selects few may then be short. Needs `Query` on the Webhooks table and `BatchGetItem`
    /// on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhook_page(
        &self,
        organization: &OrganizationId,
        query: &WebhookQuery,
        reads: usize,
    ) -> Result<ListBody<WebhookBody>, StoreError> {
        let (mut items, mut after) = (Vec::new(), query.after.clone());
        // Without a filter, every webhook that is read is shown.
        let at_once = if query.selects() { AT_ONCE } else { query.list.limit };
        for _ in 0..reads {
            let (webhooks, more) = self.webhooks_with_queues(organization, query.api, after.as_ref(), at_once).await?;
            for (at, (webhook, queue)) in webhooks.iter().enumerate() {
                if query.wants(webhook, queue) {
                    items.push(WebhookBody::new(webhook, queue));
                }
                if items.len() == query.list.limit {
                    let next = (more || at + 1 < webhooks.len()).then(|| query.list.cursor(&webhook.key));
                    return Ok(ListBody { items, next });
                }
            }
            after = webhooks.last().map(|(webhook, _)| webhook.key.clone());
            if !more {
                return Ok(ListBody { items, next: None });
            }
        }
        let next = after.map(|after| query.list.cursor(&after));
        Ok(ListBody { items, next })
    }

    /// Sums up how the organization's webhooks are doing. Needs `Query` on the Webhooks table and `BatchGetItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn summary(&self, organization: &OrganizationId) -> Result<SummaryBody, StoreError> {
        let (mut summing, mut after) = (Summing::new(self.store.clock().now()), None);
        loop {
            let (webhooks, more) = self.webhooks_with_queues(organization, None, after.as_ref(), 10 * AT_ONCE).await?;
            for (webhook, queue) in &webhooks {
                summing.add(webhook, queue);
            }
            after = webhooks.last().map(|(webhook, _)| webhook.key.clone());
            if !more {
                return Ok(summing.finish());
            }
        }
    }

    /// Reads webhooks as [`crate::store::Store::webhooks_after`] does, each with the state of its queue. Needs `Query`
    /// on the Webhooks table and `BatchGetItem` on the Deliveries table.
    pub(super) async fn webhooks_with_queues(
        &self,
        organization: &OrganizationId,
        api: Option<Api>,
        after: Option<&WebhookKey>,
        limit: usize,
    ) -> Result<(Vec<(Webhook, QueueState)>, bool), StoreError> {
        let (webhooks, more) = self.store.webhooks_after(organization, api, after, limit).await?;
        let names: Vec<_> = webhooks.iter().map(|webhook| queue_key(organization, &webhook.key)).collect();
        let mut queues = self.store.queues(&names).await?;
        // A webhook for which nothing was ever queued has no queue.
        let queues = names.iter().map(|name| queues.remove(name).unwrap_or_default());
        Ok((webhooks.into_iter().zip(queues).collect(), more))
    }

    /// Reads the webhook's queue, and shows the webhook with it. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhook_body(&self, webhook: &Webhook) -> Result<WebhookBody, StoreError> {
        let queue = self.store.queue(&queue_key(&webhook.organization, &webhook.key)).await?;
        Ok(WebhookBody::new(webhook, &queue))
    }

    /// Reads the webhook's queue and counts what waits in it. Needs `GetItem` and `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhook_detail(&self, webhook: &Webhook) -> Result<WebhookDetailBody, StoreError> {
        let queue = self.store.queue(&queue_key(&webhook.organization, &webhook.key)).await?;
        self.webhook_and_queue(webhook, &queue).await
    }

    /// Counts what waits in the webhook's queue, which was read before. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn webhook_and_queue(
        &self,
        webhook: &Webhook,
        queue: &QueueState,
    ) -> Result<WebhookDetailBody, StoreError> {
        let waiting = self.store.count_pending(&queue_key(&webhook.organization, &webhook.key), queue.head).await?;
        Ok(WebhookDetailBody::new(webhook, queue, &waiting, self.store.clock().now()))
    }

    /// Applies `change` to the state of the webhook, whichever API it was made through, and shows the result. Needs the
    /// same permissions as [`App::change_webhook`], and `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// 404 if the webhook does not exist, 429 if `change` refuses, and the failures of the store.
    pub async fn change_state(
        &self,
        organization: &OrganizationId,
        key: &WebhookKey,
        mut change: impl FnMut(&mut Webhook) -> Result<(), TooSoon> + Send,
    ) -> Result<WebhookBody, OperationsFailure> {
        let changed = self.change_webhook(organization, key, |webhook| Ok::<_, OperationsFailure>(change(webhook)?));
        let webhook = changed.await?.ok_or(OperationsFailure::NotFound)?;
        Ok(self.webhook_body(&webhook).await?)
    }
}
