//! Events: publishing and reading them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store, StoreError,
    condition::Condition::{Above, Absent, AtMost, Below, Is},
    event_image::{event_from_image, event_item},
    idempotency::{Idempotency, Published, earlier, record},
    keys::project_key,
    values::{Item, key, number, text, text_of},
    write::{Put, Write},
};
use crate::domain::{Event, EventId, OrganizationId};

/// How much event data one worker reads at once, in bytes. A hundred workers share one environment.
const MOST_AT_ONCE: usize = 512 * 1024;

/// How large the events of a list may be together, in bytes. The list then ends although there are more, because no
/// reply can carry them.
pub(super) const MOST_LISTED: usize = 5 << 20;

/// An event that is put in the same transaction as the change of state that it tells of.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The event.
    pub event: Event,
    /// The number of partitions over which the organization's events of a day are distributed.
    pub shards: u32,
}

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    /// The events, in the order asked for.
    pub events: Vec<Event>,
    /// Whether there are more.
    pub more: bool,
}

impl Store {
    /// Accepts an event, once for each idempotency key. Needs `PutItem` on the Events table and, for idempotency keys,
    /// on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn publish(
        &self,
        event: &Event,
        shards: u32,
        idempotency: Option<&Idempotency>,
    ) -> Result<Published, StoreError> {
        let item = self.accepted_item(event, shards);
        let record = idempotency.map(|idempotency| self.first_use(event, &item, idempotency));
        let put = Write::put(&self.tables.events, item);
        let (Some(idempotency), Some(record)) = (idempotency, record) else {
            return self.put_item(put).await.map(|_| Published::Accepted);
        };
        Ok(match self.transact([record.into(), put.into()]).await? {
            Ok(()) => Published::Accepted,
            Err(refused) => {
                let old = refused.into_iter().find_map(|(_, item)| item).unwrap_or_default();
                earlier(&old, idempotency)
            }
        })
    }

    /// The item of an event that is accepted, with the time at which it may be deleted.
    pub(super) fn accepted_item(&self, event: &Event, shards: u32) -> Item {
        let expires = event.id.time().seconds() + (self.retention_days + 2) * 86_400;
        event_item(event, shards, expires)
    }

    /// Writes the record of a key under which the event in `item` is published, provided that the key was not used in
    /// the last 24 hours.
    pub(super) fn first_use(&self, event: &Event, item: &Item, idempotency: &Idempotency) -> Write<Put> {
        let now = self.clock.now();
        let record = record(&event.organization, idempotency, (text_of(item, "pk"), event.id), now);
        // Expired records stay in the table until DynamoDB deletes them.
        Write::put(&self.tables.webhooks, record)
            .only_if(Absent("pk").or(AtMost("expires_at", number(now.seconds()))))
            .showing_items()
    }

    /// Puts an event into its table.
    pub(super) fn event_put(&self, event: &Event, shards: u32) -> Write<Put> {
        Write::put(&self.tables.events, self.accepted_item(event, shards))
    }

    /// Reads at most `limit` events of the project: those before `bound`, newest first, or with `ascending` those after
    /// it, oldest first. Returns fewer if they are larger than a reply can carry. The index may lag behind the table by
    /// moments. Needs `Query` on the Events table's index `project`.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn project_events(
        &self,
        organization: &OrganizationId,
        project: &str,
        bound: Option<EventId>,
        ascending: bool,
        limit: usize,
    ) -> Result<EventPage, StoreError> {
        let of = Is("project_key", text(project_key(organization, project)));
        let bound = bound.map(|bound| text(bound.to_string()));
        let bound = bound.map(|bound| if ascending { Above("sk", bound) } else { Below("sk", bound) });
        let of = [of].into_iter().chain(bound);
        let query = self.query_index(&self.tables.events, "project", of).ascending(ascending);
        let (mut found, mut bytes, mut start) = (Vec::new(), 0, None);
        loop {
            let page = query.page(start, Some(limit + 1 - found.len())).await?;
            for item in page.items {
                // An item in the wrong format, put directly by a producer, is quarantined by fan-out and does not count
                // as an activity. Producers that put items directly write the index's key too: it must not lead to
                // another organization or project.
                let event = event_from_image(&item)
                    .ok()
                    .filter(|event| event.organization == *organization && event.project.as_deref() == Some(project));
                bytes += event.as_ref().map_or(0, listed_bytes);
                found.extend(event);
            }
            start = page.next;
            let full = found.len() > limit || bytes > MOST_LISTED;
            if start.is_none() || full {
                let more = found.len() > limit || start.is_some();
                found.truncate(limit);
                return Ok(EventPage { events: found, more });
            }
        }
    }

    /// Reads the events under those keys (at most 100) that still exist and can be read. Stops once their data exceeds
    /// half a megabyte, but not before the first two keys (the second is a probe's). Also returns how many of the keys
    /// were looked at. Needs `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn events(&self, keys: &[(String, EventId)]) -> Result<(HashMap<EventId, Event>, usize), StoreError> {
        let wanted = keys.iter().map(|(pk, id)| key(pk, id.to_string())).collect();
        let items = self.batch_get(&self.tables.events, wanted).await?;
        let mut items: HashMap<String, Item> =
            items.into_iter().map(|item| (text_of(&item, "sk").to_owned(), item)).collect();
        let (mut found, mut bytes) = (HashMap::new(), 0);
        for (looked_at, (_, id)) in keys.iter().enumerate() {
            let Some(item) = items.remove(&id.to_string()) else { continue };
            bytes += item.get("data").map_or(0, weight);
            if bytes > MOST_AT_ONCE && looked_at > 1 {
                return Ok((found, looked_at));
            }
            match event_from_image(&item) {
                Ok(event) => {
                    found.insert(event.id, event);
                }
                // The error is not logged, because it may quote the item's values.
                Err(_) => {
                    tracing::error!(event.id = %id, "an event cannot be read: its item has not the documented shape")
                }
            }
        }
        Ok((found, keys.len()))
    }
}

/// Roughly how many bytes an event takes in a list.
pub(super) fn listed_bytes(event: &Event) -> usize {
    500 + event.data.as_str().len()
}

/// Roughly how many bytes a value takes in memory.
pub(super) fn weight(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::L(values) => values.iter().map(weight).sum(),
        AttributeValue::M(values) => values.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        _ => 1,
    }
}
