//! Deliveries: putting, reading and finishing them.

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    Store, StoreError,
    error::{failed, is_condition, is_conflict},
    keys::{AFTER_DELIVERIES, QUARANTINE_PK, diverted_sk},
    records::{delivery_of, event_from_image},
    retry::Tried,
    values::{Item, key, moment, number, text, text_of},
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
    /// The event itself, if the delivery was diverted before.
    pub kept: Option<Event>,
}

/// How a delivery leaves `pending`.
#[derive(Clone, Debug)]
pub struct Finish<'a> {
    /// Its new state.
    pub state: DeliveryState,
    /// Why, unless it was delivered.
    pub reason: Option<String>,
    /// The request that decided it.
    pub attempt: Option<Attempt>,
    /// The event itself, kept with a diverted delivery.
    pub event: Option<&'a Event>,
}

/// Deliveries. Needs `PutItem`, `UpdateItem` and `Query` on the Deliveries table.
pub trait DeliveryStore {
    /// Puts a pending delivery, unless there is one of that event already.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn put_pending(
        &self,
        queue: &str,
        event: EventId,
        event_partition: &str,
    ) -> impl Future<Output = Result<Stored, StoreError>> + Send;

    /// The lowest pending deliveries from `head` on, at most `limit`, by consistent reads.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn pending(
        &self,
        queue: &str,
        head: Option<EventId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Queued>, StoreError>> + Send;

    /// Ends a pending delivery; false if it is not pending any more.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn finish(
        &self,
        queue: &str,
        event: EventId,
        finish: &Finish<'_>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Records a request that left the delivery pending.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn record_attempt(
        &self,
        queue: &str,
        event: EventId,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes a finished delivery pending again, if it is in `state` and finished before `requested`.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn revive(
        &self,
        queue: &str,
        event: EventId,
        state: DeliveryState,
        requested: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A page of deliveries of any state from `from` to `to` in order of their ids, at most `limit`.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn deliveries(
        &self,
        queue: &str,
        from: EventId,
        to: EventId,
        limit: i32,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// Keeps aside, for people to see, a stream record that can never be processed.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn quarantine(&self, id: &str, reason: &str, record: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// How many attempts a delivery remembers; further ones are only counted in the metrics.
const MAX_ATTEMPTS: u32 = 50;

impl DeliveryStore for Store {
    async fn put_pending(&self, queue: &str, event: EventId, event_partition: &str) -> Result<Stored, StoreError> {
        let mut item = key(queue, event.to_string());
        item.insert("state".to_owned(), text(DeliveryState::Pending.as_str()));
        item.insert("queued".to_owned(), moment(self.clock.now()));
        item.insert("event_pk".to_owned(), text(event_partition));
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)");
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.until_decided(|| async {
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

    async fn pending(&self, queue: &str, head: Option<EventId>, limit: usize) -> Result<Vec<Queued>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
            let query = query.expression_attribute_values(":pk", text(queue));
            let from = head.map_or_else(|| "0".to_owned(), |head| head.to_string());
            let query = query.expression_attribute_values(":from", text(from));
            let query = query.expression_attribute_values(":to", text(AFTER_DELIVERIES));
            // What lies between the head and the first pending one is finished and read over; a little more than is wanted
            // makes that cheap.
            let query = query.filter_expression("#state = :pending").expression_attribute_names("#state", "state");
            let query = query.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
            let page = query.limit(i32::try_from(limit * 2).unwrap_or(i32::MAX)).set_exclusive_start_key(start);
            let page = page.send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                let event_partition = text_of(&item, "event_pk").to_owned();
                let kept = kept_event(&item);
                found.push(Queued { delivery: delivery_of(item)?, event_partition, kept });
            }
            start = page.last_evaluated_key;
            if start.is_none() || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }

    async fn finish(&self, queue: &str, event: EventId, finish: &Finish<'_>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut set = "SET #state = :state, finished = :now".to_owned();
        let mut update = self.client.update_item().table_name(&self.tables.deliveries);
        update = update.set_key(Some(key(queue, event.to_string()))).expression_attribute_names("#state", "state");
        update = update.expression_attribute_values(":state", text(finish.state.as_str()));
        update = update.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
        update = update.expression_attribute_values(":now", moment(now));
        if let Some(reason) = &finish.reason {
            set.push_str(", #reason = :reason");
            update = update.expression_attribute_names("#reason", "reason");
            update = update.expression_attribute_values(":reason", text(reason));
        }
        if let Some(attempt) = &finish.attempt {
            set.push_str(", attempts = list_append(if_not_exists(attempts, :none), :attempt)");
            update = with_attempt(update, attempt);
        }
        if finish.state == DeliveryState::Diverted {
            if let Some(event) = finish.event {
                set.push_str(", #event = :event");
                update = update.expression_attribute_names("#event", "event");
                let copy = super::records::event_item(event, 1, 0);
                update = update.expression_attribute_values(":event", AttributeValue::M(copy));
            }
        } else {
            set.push_str(", expires_at = :expires");
            update = update.expression_attribute_values(":expires", number(self.delivery_expiry(now)));
        }
        let update = update.update_expression(set).condition_expression("#state = :pending");
        let finished = self
            .until_decided(|| async {
                match update.clone().send().await {
                    Ok(_) => Ok(Tried::Done(true)),
                    Err(error) if is_condition(&error) => Ok(Tried::Done(false)),
                    Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                    Err(error) => Err(failed(&error)),
                }
            })
            .await?;
        if finished && finish.state == DeliveryState::Diverted {
            self.put_pointer(queue, event, now).await?;
        }
        Ok(finished)
    }

    async fn record_attempt(&self, queue: &str, event: EventId, attempt: &Attempt) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.deliveries);
        let update = update.set_key(Some(key(queue, event.to_string()))).expression_attribute_names("#state", "state");
        let update = update.update_expression("SET attempts = list_append(if_not_exists(attempts, :none), :attempt)");
        let update = with_attempt(update, attempt).expression_attribute_values(":most", number(MAX_ATTEMPTS));
        let update = update.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
        let room = "#state = :pending AND (attribute_not_exists(attempts) OR size(attempts) < :most)";
        let update = update.condition_expression(room);
        self.until_decided(|| async {
            match update.clone().send().await {
                Ok(_) => Ok(Tried::Done(())),
                Err(error) if is_condition(&error) => Ok(Tried::Done(())),
                Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                Err(error) => Err(failed(&error)),
            }
        })
        .await
    }

    async fn revive(
        &self,
        queue: &str,
        event: EventId,
        state: DeliveryState,
        requested: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.tables.deliveries);
        let update = update.set_key(Some(key(queue, event.to_string())));
        let update =
            update.update_expression("SET #state = :pending, queued = :now REMOVE finished, #reason, expires_at");
        let update =
            update.expression_attribute_names("#state", "state").expression_attribute_names("#reason", "reason");
        let update = update.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
        let update = update.expression_attribute_values(":from", text(state.as_str()));
        let update = update.expression_attribute_values(":requested", moment(requested));
        let update = update.expression_attribute_values(":now", moment(self.clock.now()));
        let update = update.condition_expression("#state = :from AND finished <= :requested");
        let revived = self
            .until_decided(|| async {
                match update.clone().send().await {
                    Ok(_) => Ok(Tried::Done(true)),
                    Err(error) if is_condition(&error) => Ok(Tried::Done(false)),
                    Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
                    Err(error) => Err(failed(&error)),
                }
            })
            .await?;
        if revived && state == DeliveryState::Diverted {
            let pointer = Some(key(queue, diverted_sk(event)));
            let delete = self.client.delete_item().table_name(&self.tables.deliveries).set_key(pointer);
            delete.send().await.map_err(|error| failed(&error))?;
        }
        Ok(revived)
    }

    async fn deliveries(
        &self,
        queue: &str,
        from: EventId,
        to: EventId,
        limit: i32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true).limit(limit);
        let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
        let query = query.expression_attribute_values(":pk", text(queue));
        let query = query.expression_attribute_values(":from", text(from.to_string()));
        let page = query.expression_attribute_values(":to", text(to.to_string())).send().await;
        page.map_err(|error| failed(&error))?.items.unwrap_or_default().into_iter().map(delivery_of).collect()
    }

    async fn quarantine(&self, id: &str, reason: &str, record: &str) -> Result<(), StoreError> {
        let mut item = key(QUARANTINE_PK, id);
        item.insert("reason".to_owned(), text(reason));
        item.insert("record".to_owned(), text(record));
        item.insert("since".to_owned(), moment(self.clock.now()));
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
    }
}

impl Store {
    async fn put_pointer(&self, queue: &str, event: EventId, now: Timestamp) -> Result<(), StoreError> {
        let mut item = key(queue, diverted_sk(event));
        item.insert("since".to_owned(), moment(now));
        let put = self.client.put_item().table_name(&self.tables.deliveries).set_item(Some(item));
        put.send().await.map(|_| ()).map_err(|error| failed(&error))
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

fn with_attempt(
    update: aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder,
    attempt: &Attempt,
) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
    // An attempt is a flat record of numbers and a string, which always converts.
    let value = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(attempt).unwrap_or(AttributeValue::Null(true));
    update
        .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
        .expression_attribute_values(":attempt", AttributeValue::L(vec![value]))
}
