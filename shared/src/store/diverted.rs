//! Diverted deliveries: listing them by their pointers, and reading one.

use std::collections::HashMap;

use super::{
    Store, StoreError,
    batch::Parts,
    error::failed,
    keys::DIVERTED_PREFIX,
    records::delivery_of,
    values::{Item, key, text, text_of},
};
use crate::domain::{Delivery, DeliveryState, EventId};

/// The most keys in one read.
const A_READ: usize = 100;

/// What is read of a diverted delivery: not the data of its event, which may be large.
const SHOWN: Parts = Parts {
    expression: "pk, sk, #state, queued, finished, #reason, attempts, #event.#request",
    names: &[("#state", "state"), ("#reason", "reason"), ("#event", "event"), ("#request", "request")],
};

/// A delivery that is kept aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Diverted {
    /// The delivery.
    pub delivery: Delivery,
    /// The request that caused its event, if the producer said so.
    pub request: Option<String>,
}

impl Store {
    /// The events of the first `limit` diverted deliveries, by their pointers. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn diverted_events(&self, queue: &str, limit: usize) -> Result<Vec<EventId>, StoreError> {
        Ok(self.pointers(queue, limit).await?.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Skips `skip` diverted deliveries and reads at most `limit`, by the ids of their events and by consistent reads. Needs
    /// `Query` and `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn list_diverted(&self, queue: &str, skip: usize, limit: usize) -> Result<Vec<Diverted>, StoreError> {
        let mut pointers = self.pointers(queue, skip.saturating_add(limit)).await?;
        let pointers = pointers.split_off(skip.min(pointers.len()));
        let mut found = HashMap::new();
        for part in pointers.chunks(A_READ) {
            let keys = part.iter().map(|event| key(queue, event)).collect();
            for item in self.batch_get_parts(&self.tables.deliveries, keys, Some(&SHOWN)).await? {
                found.insert(text_of(&item, "sk").to_owned(), item);
            }
        }
        let items = pointers.iter().filter_map(|event| found.remove(event));
        items.filter_map(|item| diverted_of(item).transpose()).collect()
    }

    /// The event's delivery, by a consistent read; `None` unless it is diverted. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn diverted(&self, queue: &str, event: EventId) -> Result<Option<Diverted>, StoreError> {
        let wanted = Some(key(queue, event.to_string()));
        let get = self.client.get_item().table_name(&self.tables.deliveries).set_key(wanted).consistent_read(true);
        let get = get.projection_expression(SHOWN.expression).set_expression_attribute_names(Some(SHOWN.names()));
        let item = get.send().await.map_err(|error| failed(&error))?.item;
        item.map_or(Ok(None), diverted_of)
    }

    /// The ids of the events of the first `limit` pointers.
    async fn pointers(&self, queue: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        while found.len() < limit {
            let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
            let query = query.expression_attribute_values(":pk", text(queue));
            let query = query.expression_attribute_values(":prefix", text(DIVERTED_PREFIX));
            let left = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let page = query.projection_expression("sk").limit(left).set_exclusive_start_key(start).send().await;
            let page = page.map_err(|error| failed(&error))?;
            let ids = page.items.unwrap_or_default();
            found.extend(
                ids.iter().filter_map(|item| text_of(item, "sk").strip_prefix(DIVERTED_PREFIX)).map(str::to_owned),
            );
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

/// The delivery in an item, unless it has left this state since its pointer was read.
fn diverted_of(item: Item) -> Result<Option<Diverted>, StoreError> {
    let event = item.get("event").and_then(|event| event.as_m().ok());
    let request = event.map(|event| text_of(event, "request")).filter(|request| !request.is_empty()).map(str::to_owned);
    let delivery = delivery_of(item)?;
    let diverted = delivery.state == DeliveryState::Diverted;
    Ok(diverted.then_some(Diverted { delivery, request }))
}
