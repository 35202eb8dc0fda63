//! Deliveries with their events and with what is sent.

use crate::{
    api::operations::{DeliveryBody, DeliveryDetailBody, DeliveryQuery, ListBody, OperationsFailure, SentRequest},
    app::App,
    delivery::Form,
    domain::{Delivery, DeliveryState, Event, EventId, Organization, Webhook},
    http::Reply,
    store::{StoreError, event_partition, queue_key},
};

/// The most reads of a webhook's deliveries for one page. With the webhook and the events, a page takes four calls.
const READS: usize = 2;

/// A delivery with its event and what is sent.
#[derive(Debug)]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: Delivery,
    /// Its event; `None` once that has expired.
    pub event: Option<Event>,
    /// What is sent; `None` once the event has expired.
    pub request: Option<SentRequest>,
}

impl From<&DeliveryDetail> for Reply {
    fn from(detail: &DeliveryDetail) -> Self {
        let DeliveryDetail { delivery, event, request } = detail;
        Self::json(200, &DeliveryDetailBody::new(delivery, event.as_ref(), request.clone()))
    }
}

impl App {
    /// Reads a page of the webhook's deliveries, with what is known of their events. Needs `Query` and `BatchGetItem`
    /// on the Deliveries table and `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn delivery_page(
        &self,
        organization: &Organization,
        webhook: &Webhook,
        query: &DeliveryQuery,
    ) -> Result<ListBody<DeliveryBody>, StoreError> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        let page = self.store.list_deliveries(&queue, &query.log, READS).await?;
        let ids: Vec<_> = page.deliveries.iter().map(|delivery| delivery.event).collect();
        let events = self.store.event_summaries(organization, &ids).await?;
        let body = |delivery: &Delivery| DeliveryBody::new(delivery, events.get(&delivery.event));
        let items = page.deliveries.iter().map(body).collect();
        Ok(ListBody { items, next: page.more.map(|last| query.list.cursor(&last)) })
    }

    /// Reads one delivery of the webhook, with its event and what is sent. Needs `GetItem` and `BatchGetItem` on the
    /// Deliveries table and `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// 404 if there is no such delivery, and the failures of the store.
    pub async fn delivery_detail(
        &self,
        organization: &Organization,
        webhook: &Webhook,
        id: EventId,
    ) -> Result<DeliveryDetail, OperationsFailure> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        let delivery = self.store.delivery(&queue, id).await?.ok_or(OperationsFailure::NotFound)?;
        let event = self.event_of(organization, &queue, &delivery).await?;
        let request = event.as_ref().and_then(|event| self.sent(webhook, &delivery, event));
        Ok(DeliveryDetail { delivery, event, request })
    }

    /// Deletes a diverted delivery for good. Needs the same permissions as
    /// [`crate::store::Store::delete_diverted`], and `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// 409 if the delivery is not diverted, 404 if there is none, and the failures of the store.
    pub async fn delete_delivery(&self, webhook: &Webhook, id: EventId) -> Result<(), OperationsFailure> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        if self.store.delete_diverted(&queue, id).await? {
            return Ok(());
        }
        match self.store.delivery_state(&queue, id).await? {
            Some(_) => Err(OperationsFailure::Conflict("Only a diverted delivery can be deleted.".to_owned())),
            None => Err(OperationsFailure::NotFound),
        }
    }

    /// Shows one delivery as lists do. Needs `GetItem` on the Deliveries table and `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// 404 if there is no such delivery, and the failures of the store.
    pub async fn delivery_body(
        &self,
        organization: &Organization,
        queue: &str,
        id: EventId,
    ) -> Result<DeliveryBody, OperationsFailure> {
        let delivery = self.store.delivery(queue, id).await?.ok_or(OperationsFailure::NotFound)?;
        let events = self.store.event_summaries(organization, &[id]).await?;
        Ok(DeliveryBody::new(&delivery, events.get(&id)))
    }

    /// The event of a delivery: from the Events table, or, once it has expired there, the copy that a diverted delivery
    /// keeps.
    async fn event_of(
        &self,
        organization: &Organization,
        queue: &str,
        delivery: &Delivery,
    ) -> Result<Option<Event>, StoreError> {
        let partition = event_partition(&organization.id, delivery.event, organization.event_shards);
        let (mut events, _) = self.store.events(&[(partition, delivery.event)]).await?;
        if let Some(event) = events.remove(&delivery.event) {
            return Ok(Some(event));
        }
        if delivery.state == DeliveryState::Delivered || delivery.state == DeliveryState::Discarded {
            return Ok(None);
        }
        Ok(self.store.kept_events(queue, &[delivery.event]).await?.remove(&delivery.event))
    }

    /// What the endpoint gets, or got at the last attempt, as far as the webhook has not changed since.
    fn sent(&self, webhook: &Webhook, delivery: &Delivery, event: &Event) -> Option<SentRequest> {
        let at = delivery.attempts.last().map_or_else(|| self.store.clock().now(), |attempt| attempt.at);
        let post = Form::of(webhook).compose(webhook, &[event], at).ok()?;
        Some(SentRequest::from(&post))
    }
}
