//! Deliveries: putting, reading and finishing them.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{
        AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
        builders::{ConditionCheckBuilder, UpdateBuilder},
    },
};

use super::{
    Store, StoreError,
    error::{Refusal, failed, is_condition, is_conflict, transaction_refusal},
    event_image::{event_from_image, event_item},
    keys::{AFTER_DELIVERIES, QUARANTINE_PK, QUEUE_SK, diverted_sk},
    queue::counts_as,
    records::delivery_of,
    retry::Tried,
    values::{Item, key, moment, number, number_of, text, text_of},
    writes::{Writes, delete, put},
};
use crate::domain::{Attempt, Delivery, DeliveryState, Event, EventId, Timestamp};

/// What putting a delivery met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New,
    /// It was there already.
    Known(DeliveryState),
}

/// A delivery waiting in its queue, with the partition of its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The delivery.
    pub delivery: Delivery,
    /// Where its event is.
    pub event_partition: String,
    /// How many bytes the event's data takes in memory while it is read, roughly; `None` if that was not written down.
    pub weight: Option<usize>,
    /// Whether the delivery has a copy of its event, since it was diverted before.
    pub kept: bool,
}

/// What was found of a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The lowest pending deliveries, in order.
    pub pending: Vec<Queued>,
    /// Where to go on, if so much of the queue is finished that not all of it was read over.
    pub beyond: Option<EventId>,
}

/// How a delivery leaves `pending`, unless it is diverted.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Its new state.
    pub state: DeliveryState,
    /// Why, unless it was delivered.
    pub reason: Option<String>,
    /// All attempts with the one that decided it ([`Delivery::attempts_with`]); `None` leaves them as they are.
    pub attempts: Option<Vec<Attempt>>,
}

/// What a worker must still have when it ends a delivery that did not arrive: the lease, and the state of the webhook that it
/// decided by. What was sent for an endpoint that has been replaced since, or by a worker that was too slow, ends nothing.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    /// The token of the lease.
    pub lease: &'a str,
    /// The generation of the queue.
    pub generation: u64,
}

/// What is read of a delivery: all but the copy of its event.
pub(super) const SHOWN: &str = "pk, sk, #state, queued, finished, #reason, attempts";

/// What may be made pending again.
const REVIVABLE: &str = "#state = :from AND (attribute_not_exists(#reason) OR #reason <> :deleted)";

/// Why a delivery ended that its owner has deleted: nothing brings it back.
pub(super) const DELETED: &str = "deleted by its owner";

/// How many pages of a queue are read at once, at most.
const PAGES: usize = 4;

/// How many deliveries a page has after the first, which is to be cheap.
const LONG_PAGE: usize = 1_000;

impl Store {
    /// Puts a pending delivery, unless there is one of that event already. `weight` is [`Queued::weight`]. Needs `PutItem` on
    /// the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn put_pending(
        &self,
        queue: &str,
        event: EventId,
        event_partition: &str,
        weight: usize,
    ) -> Result<Stored, StoreError> {
        let mut item = key(queue, event.to_string());
        item.insert("state".to_owned(), text(DeliveryState::Pending.as_str()));
        item.insert("queued".to_owned(), moment(self.clock.now()));
        item.insert("event_pk".to_owned(), text(event_partition));
        item.insert("weight".to_owned(), number(weight));
        self.put_once(item).await
    }

    /// The lowest pending deliveries from `head` on, at most `limit`, by consistent reads. Finished ones are read over, some
    /// thousands at a time: a worker must hear of its lease and its deadline meanwhile. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn pending(&self, queue: &str, head: Option<EventId>, limit: usize) -> Result<Found, StoreError> {
        // The copy of an event, which a diverted delivery keeps, is read when its turn has come.
        let shown = "pk, sk, #state, queued, finished, #reason, attempts, event_pk, weight, #event.#type";
        let (items, beyond) = self.pending_items(queue, head, limit, shown).await?;
        let queued = |item: Item| {
            let event_partition = text_of(&item, "event_pk").to_owned();
            let (weight, kept) = (number_of(&item, "weight"), item.contains_key("event"));
            Ok(Queued { delivery: delivery_of(item)?, event_partition, weight, kept })
        };
        Ok(Found { pending: items.into_iter().map(queued).collect::<Result<_, StoreError>>()?, beyond })
    }

    /// Ends a pending delivery; false if it is not pending any more. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn finish(&self, queue: &str, event: EventId, finish: &Finish) -> Result<bool, StoreError> {
        let ending = self.ending(finish);
        let update = self.client.update_item().table_name(&self.tables.deliveries);
        let update = update.set_key(Some(key(queue, event.to_string()))).update_expression(ending.set);
        let update =
            update.condition_expression("#state = :pending").set_expression_attribute_names(Some(ending.names));
        let update = update.set_expression_attribute_values(Some(ending.values));
        self.retry_conflicts(|| async {
            match update.clone().send().await {
                Ok(_) => Ok(Tried::Done(true)),
                Err(error) if is_condition(&error) => Ok(Tried::Done(false)),
                Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                Err(error) => Err(failed(&error)),
            }
        })
        .await
    }

    /// Ends a pending delivery that did not arrive; false if it is not pending any more, or the guard does not hold. Needs
    /// `UpdateItem` and `ConditionCheckItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn finish_guarded(
        &self,
        queue: &str,
        event: EventId,
        finish: &Finish,
        guard: Guard<'_>,
    ) -> Result<bool, StoreError> {
        let ending = self.ending(finish);
        let mut writes = Writes::default();
        writes.update(
            Update::builder()
                .table_name(&self.tables.deliveries)
                .set_key(Some(key(queue, event.to_string())))
                .update_expression(ending.set)
                .condition_expression("#state = :pending")
                .set_expression_attribute_names(Some(ending.names))
                .set_expression_attribute_values(Some(ending.values)),
        )?;
        writes.check(self.still(queue, guard))?;
        self.transact(writes).await
    }

    /// Keeps a pending delivery aside with a copy of its event, and the pointer by which it is listed, all or nothing; false
    /// if it is not pending any more, or the guard does not hold. `attempts` replaces those of the delivery. Needs `PutItem`,
    /// `UpdateItem` and `ConditionCheckItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn divert(
        &self,
        queue: &str,
        event: &Event,
        reason: &str,
        attempts: Option<&[Attempt]>,
        guard: Guard<'_>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut set = "SET #state = :diverted, finished = :now, #reason = :reason, #event = :event".to_owned();
        let mut update = Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, event.id.to_string())))
            .condition_expression("#state = :pending")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_names("#event", "event")
            .expression_attribute_values(":diverted", text(DeliveryState::Diverted.as_str()))
            .expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()))
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":event", AttributeValue::M(event_item(event, 1, 0)));
        if let Some(attempts) = attempts {
            set.push_str(", attempts = :attempts");
            update = update.expression_attribute_values(":attempts", attempts_value(attempts));
        }
        let mut pointer = key(queue, diverted_sk(event.id));
        pointer.insert("since".to_owned(), moment(now));
        let mut writes = Writes::default();
        writes.update(update.update_expression(set))?;
        writes.put(put(&self.tables.deliveries, pointer))?;
        writes.check(self.still(queue, guard))?;
        self.transact(writes).await
    }

    /// Ends a diverted delivery, its copy of the event and its pointer, all or nothing; false if it is not diverted any more.
    /// Needs `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn discard_diverted(&self, queue: &str, event: EventId, reason: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let update = Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, event.to_string())))
            .update_expression(
                "SET #state = :discarded, finished = :now, #reason = :reason, expires_at = :expires REMOVE #event",
            )
            .condition_expression("#state = :diverted")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_names("#event", "event")
            .expression_attribute_values(":discarded", text(DeliveryState::Discarded.as_str()))
            .expression_attribute_values(":diverted", text(DeliveryState::Diverted.as_str()))
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":expires", number(self.delivery_expiry(now)));
        let mut writes = Writes::default();
        writes.update(update)?;
        writes.delete(delete(&self.tables.deliveries, key(queue, diverted_sk(event))))?;
        self.transact(writes).await
    }

    /// Records a request that left the delivery pending. Nothing is written if it is not pending any more, or another worker
    /// has recorded attempts since it was read. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn record_attempt(&self, queue: &str, delivery: &Delivery, attempt: &Attempt) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.deliveries);
        let update = update.set_key(Some(key(queue, delivery.event.to_string())));
        let update = update.update_expression("SET attempts = :attempts").expression_attribute_names("#state", "state");
        let update = update.expression_attribute_values(":attempts", attempts_value(&delivery.attempts_with(attempt)));
        let update = update.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
        let (seen, update) = match delivery.attempts.len() {
            0 => ("attribute_not_exists(attempts)", update),
            count => ("size(attempts) = :count", update.expression_attribute_values(":count", number(count))),
        };
        let update = update.condition_expression(format!("#state = :pending AND {seen}"));
        self.retry_conflicts(|| async {
            match update.clone().send().await {
                Ok(_) => Ok(Tried::Done(())),
                Err(error) if is_condition(&error) => Ok(Tried::Done(())),
                Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                Err(error) => Err(failed(&error)),
            }
        })
        .await
    }

    /// Makes a finished delivery pending again, if it is in `state` and finished before `requested`. Needs `UpdateItem` and
    /// `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn revive(
        &self,
        queue: &str,
        event: EventId,
        state: DeliveryState,
        requested: Timestamp,
    ) -> Result<bool, StoreError> {
        let revival = self.revival(queue, event, state);
        let revival = revival.condition_expression(format!("{REVIVABLE} AND finished <= :requested"));
        let revival = revival.expression_attribute_values(":requested", moment(requested));
        let mut writes = Writes::default();
        writes.update(revival)?;
        if state == DeliveryState::Diverted {
            writes.delete(delete(&self.tables.deliveries, key(queue, diverted_sk(event))))?;
        }
        self.transact(writes).await
    }

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
        let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true).limit(limit);
        let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
        let query = query.expression_attribute_values(":pk", text(queue));
        let query = query.expression_attribute_values(":from", text(from.to_string()));
        // The copy of its event, which a diverted one has, is not needed.
        let query = query.projection_expression(SHOWN);
        let query = query.expression_attribute_names("#state", "state").expression_attribute_names("#reason", "reason");
        let page = query.expression_attribute_values(":to", text(to.to_string())).send().await;
        let page = page.map_err(|error| failed(&error))?;
        let more = page.last_evaluated_key.is_some();
        let found = page.items.unwrap_or_default().into_iter().map(delivery_of).collect::<Result<_, _>>()?;
        Ok((found, more))
    }

    /// Keeps aside, for people to see, a stream record that can never be processed. Needs `PutItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn quarantine(&self, id: &str, reason: &str, record: &str) -> Result<(), StoreError> {
        let mut item = key(QUARANTINE_PK, id);
        item.insert("reason".to_owned(), text(reason));
        item.insert("record".to_owned(), text(record));
        item.insert("since".to_owned(), moment(self.clock.now()));
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
    }
}

/// How the end of a delivery is written.
struct Ending {
    set: String,
    names: HashMap<String, String>,
    values: Item,
}

impl Store {
    /// The state of an event's delivery; `None` if there is none. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn delivery_state(&self, queue: &str, event: EventId) -> Result<Option<DeliveryState>, StoreError> {
        let wanted = Some(key(queue, event.to_string()));
        let get = self.client.get_item().table_name(&self.tables.deliveries).set_key(wanted).consistent_read(true);
        let found = get.send().await.map_err(|error| failed(&error))?.item;
        found.map(|item| delivery_of(item).map(|delivery| delivery.state)).transpose()
    }

    /// Deletes the pointer by which a diverted delivery is listed. Needs `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn forget_pointer(&self, queue: &str, event: EventId) -> Result<(), StoreError> {
        let pointer = self.client.delete_item().table_name(&self.tables.deliveries);
        let pointer = pointer.set_key(Some(key(queue, diverted_sk(event)))).send().await;
        pointer.map(|_| ()).map_err(|error| failed(&error))
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

    /// Puts an item of a delivery or a spread task, unless there is one already.
    pub(super) async fn put_once(&self, item: Item) -> Result<Stored, StoreError> {
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)");
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.retry_conflicts(|| async {
            match put.clone().send().await {
                Ok(_) => Ok(Tried::Done(Stored::New)),
                Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                Err(error) if is_condition(&error) => {
                    let old = match error.into_service_error() {
                        PutItemError::ConditionalCheckFailedException(refusal) => refusal.item,
                        _ => None,
                    };
                    let old = delivery_of(old.unwrap_or_default())?;
                    Ok(Tried::Done(Stored::Known(old.state)))
                }
                Err(error) => Err(failed(&error)),
            }
        })
        .await
    }

    /// The first items of a partition that are pending, from `head` on, by consistent reads; and where to go on, if so much is
    /// finished that not all of it was read over.
    pub(super) async fn pending_items(
        &self,
        partition: &str,
        head: Option<EventId>,
        limit: usize,
        shown: &str,
    ) -> Result<(Vec<Item>, Option<EventId>), StoreError> {
        let (mut found, mut start): (Vec<Item>, Option<Item>) = (Vec::new(), None);
        for page in 0..PAGES {
            let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
            let query = query.expression_attribute_values(":pk", text(partition));
            let from = head.map_or_else(|| "0".to_owned(), |head| head.to_string());
            let query = query.expression_attribute_values(":from", text(from));
            let query = query.expression_attribute_values(":to", text(AFTER_DELIVERIES));
            // What lies between the head and the first pending one is finished and read over; a little more than is wanted
            // makes that cheap.
            let query = query.filter_expression("#state = :pending");
            let query = query.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
            let mut query = query.projection_expression(shown);
            for name in ["state", "reason", "event", "type", "project", "only"] {
                if shown.contains(&format!("#{name}")) || name == "state" {
                    query = query.expression_attribute_names(format!("#{name}"), name);
                }
            }
            let size = if page == 0 { limit * 2 } else { LONG_PAGE };
            let page = query.limit(i32::try_from(size).unwrap_or(i32::MAX)).set_exclusive_start_key(start);
            let page = page.send().await.map_err(|error| failed(&error))?;
            found.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() || found.len() >= limit {
                found.truncate(limit);
                return Ok((found, None));
            }
        }
        let last: Option<EventId> = start.and_then(|key| text_of(&key, "sk").parse().ok());
        Ok((found, last.map(EventId::next)))
    }

    fn ending(&self, finish: &Finish) -> Ending {
        let now = self.clock.now();
        let mut set = "SET #state = :state, finished = :now, expires_at = :expires".to_owned();
        let mut names = HashMap::from([("#state".to_owned(), "state".to_owned())]);
        let mut values = HashMap::from([
            (":state".to_owned(), text(finish.state.as_str())),
            (":pending".to_owned(), text(DeliveryState::Pending.as_str())),
            (":now".to_owned(), moment(now)),
            (":expires".to_owned(), number(self.delivery_expiry(now))),
        ]);
        if let Some(reason) = &finish.reason {
            set.push_str(", #reason = :reason");
            names.insert("#reason".to_owned(), "reason".to_owned());
            values.insert(":reason".to_owned(), text(reason));
        }
        if let Some(attempts) = &finish.attempts {
            set.push_str(", attempts = :attempts");
            values.insert(":attempts".to_owned(), attempts_value(attempts));
        }
        Ending { set, names, values }
    }

    /// That the worker still has the lease, and the webhook is what it was when the worker looked.
    fn still(&self, queue: &str, guard: Guard<'_>) -> ConditionCheckBuilder {
        let condition = format!("lease = :lease AND {}", counts_as("generation", guard.generation));
        ConditionCheck::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, QUEUE_SK)))
            .condition_expression(condition)
            .expression_attribute_values(":lease", text(guard.lease))
            .expression_attribute_values(":generation", number(guard.generation))
    }

    /// Runs a transaction about a delivery's state; false if it is another.
    async fn transact(&self, writes: Writes) -> Result<bool, StoreError> {
        let writes: Vec<TransactWriteItem> = writes.into();
        self.retry_conflicts(|| async {
            match self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await {
                Ok(_) => Ok(Tried::Done(true)),
                Err(error) => match transaction_refusal(error) {
                    Refusal::Conflict => Ok(Tried::Conflict),
                    Refusal::Condition(_) => Ok(Tried::Done(false)),
                    Refusal::Failed(error) => Err(error),
                },
            }
        })
        .await
    }

    /// Makes a delivery in the state `from` pending again.
    pub(super) fn revival(&self, queue: &str, event: EventId, from: DeliveryState) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, event.to_string())))
            .update_expression("SET #state = :pending, queued = :now REMOVE finished, #reason, expires_at")
            .condition_expression(REVIVABLE)
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_values(":deleted", text(DELETED))
            .expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()))
            .expression_attribute_values(":from", text(from.as_str()))
            .expression_attribute_values(":now", moment(self.clock.now()))
    }

    /// A finished delivery outlives its event, so that a replay finds what was delivered: retention plus four days.
    fn delivery_expiry(&self, now: Timestamp) -> i64 {
        now.seconds() + (self.retention_days + 4) * 86_400
    }
}

/// The event kept with a delivery that was diverted.
pub(super) fn kept_event(item: &Item) -> Option<Event> {
    match item.get("event") {
        Some(AttributeValue::M(copy)) => event_from_image(copy).ok(),
        _ => None,
    }
}

/// Attempts are flat records of numbers and strings, which always convert.
fn attempts_value(attempts: &[Attempt]) -> AttributeValue {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(attempts).unwrap_or(AttributeValue::L(Vec::new()))
}
