//! Diverted deliveries: listing them by their pointers, reading one, and reading the copies of their events.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    condition::Condition::{BeginsWith, Between, Is},
    delivery_log::{LOGGED, LogPage, LogQuery},
    event_image::event_from_image,
    keys::{DIVERTED_PREFIX, diverted_sk},
    read::{A_READ, Query, Shown},
    records::delivery_of,
    values::{Item, key, text, text_of},
};
use crate::domain::{Delivery, DeliveryState, Event, EventId};

/// The attributes that are read of a diverted delivery. Not the data of its event, which may be large.
const SHOWN: Shown = &["pk", "sk", "state", "queued", "finished", "reason", "attempts", "event.request"];

/// A diverted delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Diverted {
    /// The delivery.
    pub delivery: Delivery,
    /// The request that caused its event, if the producer said so.
    pub request: Option<String>,
}

impl Store {
    /// Reads the event ids of the first `limit` diverted deliveries from their pointers. Needs `Query` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn diverted_events(&self, queue: &str, limit: usize) -> Result<Vec<EventId>, StoreError> {
        Ok(self.pointers(queue, limit).await?.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Skips `skip` diverted deliveries and reads at most `limit`, ordered by event id, with consistent reads. Needs
    /// `Query` and `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn list_diverted(&self, queue: &str, skip: usize, limit: usize) -> Result<Vec<Diverted>, StoreError> {
        let mut pointers = self.pointers(queue, skip.saturating_add(limit)).await?;
        let pointers = pointers.split_off(skip.min(pointers.len()));
        let keys = pointers.iter().map(|event| key(queue, event)).collect();
        let found = self.batch_get_showing(&self.tables.deliveries, keys, SHOWN).await?;
        let mut found: HashMap<_, _> = found.into_iter().map(|item| (text_of(&item, "sk").to_owned(), item)).collect();
        let items = pointers.iter().filter_map(|event| found.remove(event));
        items.filter_map(|item| diverted_of(item).transpose()).collect()
    }

    /// Reads the event's delivery with a consistent read; `None` unless it is diverted. Needs `GetItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn diverted(&self, queue: &str, event: EventId) -> Result<Option<Diverted>, StoreError> {
        let wanted = key(queue, event.to_string());
        let item = self.get_item_showing(&self.tables.deliveries, wanted, SHOWN).await?;
        item.map_or(Ok(None), diverted_of)
    }

    /// Reads the copies of their events that the given deliveries of a queue keep. Needs `BatchGetItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn kept_events(&self, queue: &str, events: &[EventId]) -> Result<HashMap<EventId, Event>, StoreError> {
        if events.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted = events.iter().map(|event| key(queue, event.to_string())).collect();
        let items = self.batch_get(&self.tables.deliveries, wanted).await?;
        Ok(items.iter().filter_map(kept_event).map(|event| (event.id, event)).collect())
    }

    /// Lists the diverted deliveries of the query's span that its filter selects. Reads at most `rounds` times: pointers,
    /// then the deliveries that they point to.
    pub(super) async fn page_of_diverted(
        &self,
        queue: &str,
        query: &LogQuery,
        rounds: usize,
    ) -> Result<LogPage, StoreError> {
        let most = if query.filter.selects_by_state_only() { query.limit } else { A_READ };
        let pointers = self.pointers_of(queue, query).ascending(query.ascending).showing(&["sk"]);
        let mut page = LogPage::default();
        let mut start = None;
        for _ in 0..rounds {
            // One more pointer than are followed, to know whether any is left.
            let read = pointers.page(start, Some(most + 1)).await?;
            let mut ids: Vec<EventId> = read.items.iter().filter_map(event_of_pointer).collect();
            let more = ids.len() > most || read.next.is_some();
            ids.truncate(most);
            let keys = ids.iter().map(|event| key(queue, event.to_string())).collect();
            let items = self.batch_get_showing(&self.tables.deliveries, keys, LOGGED).await?;
            let found: Result<Vec<Delivery>, _> = items.into_iter().map(delivery_of).collect();
            let mut found: HashMap<_, _> = found?.into_iter().map(|delivery| (delivery.event, delivery)).collect();
            let found = ids.iter().filter_map(|event| found.remove(event));
            page.deliveries.extend(found.filter(|delivery| query.filter.selects_delivery(delivery)));
            page.more = ids.last().copied().filter(|_| more);
            if page.more.is_none() || page.deliveries.len() >= query.limit {
                break;
            }
            start = page.more.map(|last| key(queue, diverted_sk(last)));
        }
        if page.deliveries.len() > query.limit {
            page.deliveries.truncate(query.limit);
            page.more = page.deliveries.last().map(|delivery| delivery.event);
        }
        Ok(page)
    }

    /// Counts the diverted deliveries of the query's span with at most `calls` calls, and says whether there may be more.
    pub(super) async fn count_diverted(
        &self,
        queue: &str,
        query: &LogQuery,
        calls: usize,
    ) -> Result<(usize, bool), StoreError> {
        self.pointers_of(queue, query).count(calls).await
    }

    /// The pointers to the diverted deliveries of the query's span.
    fn pointers_of(&self, queue: &str, query: &LogQuery) -> Query {
        let span = Between("sk", text(diverted_sk(query.from)), text(diverted_sk(query.to)));
        self.query(&self.tables.deliveries, [Is("pk", text(queue)), span])
    }

    /// The event ids of the first `limit` pointers.
    async fn pointers(&self, queue: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let of = [Is("pk", text(queue)), BeginsWith("sk", text(DIVERTED_PREFIX))];
        let query = self.query(&self.tables.deliveries, of).showing(&["sk"]);
        let (pointers, _) = query.first(limit, None).await?;
        let ids = pointers.iter().filter_map(|item| text_of(item, "sk").strip_prefix(DIVERTED_PREFIX));
        Ok(ids.map(str::to_owned).collect())
    }
}

/// The event of the delivery to which a pointer points.
fn event_of_pointer(item: &Item) -> Option<EventId> {
    text_of(item, "sk").strip_prefix(DIVERTED_PREFIX)?.parse().ok()
}

/// The delivery in an item; `None` if it has stopped being diverted since its pointer was read.
fn diverted_of(item: Item) -> Result<Option<Diverted>, StoreError> {
    let event = item.get("event").and_then(|event| event.as_m().ok());
    let request = event.map(|event| text_of(event, "request")).filter(|request| !request.is_empty()).map(str::to_owned);
    let delivery = delivery_of(item)?;
    let diverted = delivery.state == DeliveryState::Diverted;
    Ok(diverted.then_some(Diverted { delivery, request }))
}

/// The copy of the event that a diverted delivery keeps.
fn kept_event(item: &Item) -> Option<Event> {
    match item.get("event") {
        Some(AttributeValue::M(copy)) => event_from_image(copy).ok(),
        _ => None,
    }
}
