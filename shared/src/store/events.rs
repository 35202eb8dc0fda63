//! Events: publishing and reading them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};

use super::{
    Store, StoreError,
    error::{Refusal, failed, is_conflict, transaction_refusal},
    event_image::{event_from_image, event_item},
    idempotency::{Idempotency, Published, earlier, record},
    keys::project_key,
    retry::Tried,
    values::{Item, key, number, text, text_of},
    writes::{Writes, put},
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
        let Some(idempotency) = idempotency else {
            let put = self.client.put_item().table_name(&self.tables.events).set_item(Some(item));
            return self
                .retry_conflicts(|| async {
                    match put.clone().send().await {
                        Ok(_) => Ok(Tried::Done(Published::Accepted)),
                        Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                        Err(error) => Err(failed(&error)),
                    }
                })
                .await;
        };
        let now = self.clock.now();
        let mut writes = Writes::default();
        writes.put(
            Put::builder()
                .table_name(&self.tables.webhooks)
                .set_item(Some(record(&event.organization, idempotency, (text_of(&item, "pk"), event.id), now)))
                // Expired records linger until DynamoDB gets to them.
                .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
                .expression_attribute_values(":now", number(now.seconds()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
        )?;
        writes.put(put(&self.tables.events, item))?;
        let writes: Vec<_> = writes.into();
        self.retry_conflicts(|| async {
            match self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await {
                Ok(_) => Ok(Tried::Done(Published::Accepted)),
                Err(error) => match transaction_refusal(error) {
                    Refusal::Conflict => Ok(Tried::Conflict),
                    Refusal::Failed(error) => Err(error),
                    Refusal::Condition(failed) => {
                        let old = failed.into_iter().find_map(|(_, item)| item).unwrap_or_default();
                        Ok(Tried::Done(earlier(&old, idempotency)))
                    }
                },
            }
        })
        .await
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
        let (mut found, mut bytes) = (Vec::new(), 0);
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.tables.events).index_name("project");
            let mut query = query.expression_attribute_values(":key", text(project_key(organization, project)));
            let condition = match (bound, ascending) {
                (None, _) => "project_key = :key",
                (Some(_), true) => "project_key = :key AND sk > :bound",
                (Some(_), false) => "project_key = :key AND sk < :bound",
            };
            if let Some(bound) = bound {
                query = query.expression_attribute_values(":bound", text(bound.to_string()));
            }
            let query = query.key_condition_expression(condition).scan_index_forward(ascending);
            let left = i32::try_from(limit + 1 - found.len()).unwrap_or(i32::MAX);
            let page = query.limit(left).set_exclusive_start_key(start).send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                // A direct put of the wrong shape is quarantined by fan-out and is not an activity. Whoever puts items directly writes
                // the index's key too: it must not lead into another organization or project.
                let event = event_from_image(&item)
                    .ok()
                    .filter(|event| event.organization == *organization && event.project.as_deref() == Some(project));
                bytes += event.as_ref().map_or(0, listed_bytes);
                found.extend(event);
            }
            start = page.last_evaluated_key;
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
