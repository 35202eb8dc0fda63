//! What the tables keep of deliveries of any state: the deliveries, the copies of their events, and what can never be one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::SHOWN;
use crate::{
    domain::{Delivery, DeliveryState, Event, EventId},
    store::{
        Store, StoreError,
        condition::Condition::{Between, Is},
        event_image::event_from_image,
        keys::QUARANTINE_PK,
        records::delivery_of,
        values::{Item, key, moment, text},
        write::Write,
    },
};

impl Store {
    /// A page of deliveries of any state from `from` to `to` in order of their ids, at most `limit`, and whether there are
    /// more: a page ends early where its items are large. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn deliveries(
        &self,
        queue: &str,
        from: EventId,
        to: EventId,
        limit: i32,
    ) -> Result<(Vec<Delivery>, bool), StoreError> {
        let span = Between("sk", text(from.to_string()), text(to.to_string()));
        let query = self.query(&self.tables.deliveries, [Is("pk", text(queue)), span]).showing(SHOWN);
        let page = query.page(None, usize::try_from(limit).ok()).await?;
        let found = page.items.into_iter().map(delivery_of).collect::<Result<_, _>>()?;
        Ok((found, page.next.is_some()))
    }

    /// The state of an event's delivery; `None` if there is none. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn delivery_state(&self, queue: &str, event: EventId) -> Result<Option<DeliveryState>, StoreError> {
        Ok(self.delivery(queue, event).await?.map(|delivery| delivery.state))
    }

    /// The copies of their events that some deliveries of a queue keep. Needs `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn kept_events(&self, queue: &str, events: &[EventId]) -> Result<HashMap<EventId, Event>, StoreError> {
        if events.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted = events.iter().map(|event| key(queue, event.to_string())).collect();
        let items = self.batch_get(&self.tables.deliveries, wanted).await?;
        Ok(items.iter().filter_map(kept_event).map(|event| (event.id, event)).collect())
    }

    /// Keeps aside, for people to see, a stream record that can never be processed. Needs `PutItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn quarantine(&self, id: &str, reason: &str, record: &str) -> Result<(), StoreError> {
        let mut item = key(QUARANTINE_PK, id);
        item.insert("reason".to_owned(), text(reason));
        item.insert("record".to_owned(), text(record));
        item.insert("since".to_owned(), moment(self.clock.now()));
        self.put_item(Write::put(&self.tables.deliveries, item)).await.map(|_| ())
    }
}

/// The event kept with a delivery that was diverted.
fn kept_event(item: &Item) -> Option<Event> {
    match item.get("event") {
        Some(AttributeValue::M(copy)) => event_from_image(copy).ok(),
        _ => None,
    }
}
