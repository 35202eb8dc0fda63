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
    write::Write,
};
use crate::domain::{Event, EventId, OrganizationId};

/// How large the data of the events may be that one worker reads at once, in bytes: a hundred work in one environment.
const MOST_AT_ONCE: usize = 512 * 1024;

/// How large the events of a list may be together, in bytes, before it ends though there are more: no reply carries more than that.
pub(super) const MOST_LISTED: usize = 5 << 20;

/// A page of events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    /// The events, in the order asked for.
    pub events: Vec<Event>,
    /// Whether there are more.
    pub more: bool,
}

impl Store {
    /// Accepts an event, once for each idempotency key. Needs `PutItem` on the Events table and, for idempotency keys, on the
    /// Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn publish(
        &self,
        event: &Event,
        shards: u32,
        idempotency: Option<&Idempotency>,
    ) -> Result<Published, StoreError> {
        let expires = event.id.time().seconds() + (self.retention_days + 2) * 86_400;
        let item = event_item(event, shards, expires);
        let partition = text_of(&item, "pk").to_owned();
        let put = Write::put(&self.tables.events, item);
        let Some(idempotency) = idempotency else {
            return self.put_item(put).await.map(|_| Published::Accepted);
        };
        let now = self.clock.now();
        let record = record(&event.organization, idempotency, (&partition, event.id), now);
        // Expired records linger until DynamoDB gets to them.
        let record = Write::put(&self.tables.webhooks, record)
            .only_if(Absent("pk").or(AtMost("expires_at", number(now.seconds()))))
            .showing_items();
        Ok(match self.transact([record.into(), put.into()]).await? {
            Ok(()) => Published::Accepted,
            Err(refused) => {
                let old = refused.into_iter().find_map(|(_, item)| item).unwrap_or_default();
                earlier(&old, idempotency)
            }
        })
    }

    /// At most `limit` events of the project, or fewer where they come to more than a reply can carry: those before `bound`
    /// from the newest down, or with `ascending` those after it from the oldest up. The index follows the table within
    /// moments. Needs `Query` on the Events table's index `project`.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
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
                // A direct put of the wrong shape is quarantined by fan-out and is not an activity. Whoever puts items directly writes
                // the index's key too: it must not lead into another organization or project.
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

    /// The events under those keys, as far as they still exist and can be read; at most 100 keys. Of the keys only the first
    /// are looked at whose events come to half a megabyte, and at least two (the second is a probe's): their number is the
    /// other half of the answer. Needs `BatchGetItem` on the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
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
                // What is wrong with it may quote it.
                Err(_) => {
                    tracing::error!(event.id = %id, "an event cannot be read: its item has not the documented shape")
                }
            }
        }
        Ok((found, keys.len()))
    }
}

/// What an event takes in a list, roughly, in bytes.
pub(super) fn listed_bytes(event: &Event) -> usize {
    500 + event.data.as_str().len()
}

/// What a value takes in memory, roughly, in bytes.
pub(super) fn weight(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::L(values) => values.iter().map(weight).sum(),
        AttributeValue::M(values) => values.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        _ => 1,
    }
}
