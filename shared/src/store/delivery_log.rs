//! The delivery log: looking deliveries up, and sending finished ones again.

use aws_sdk_dynamodb::types::{Update, builders::UpdateBuilder};

use super::{
    Store, StoreError,
    deliveries::{DELETED, SHOWN},
    error::failed,
    keys::{AFTER_DELIVERIES, QUEUE_SK, diverted_sk, due_shard},
    queue::touch_expressions,
    records::{delivery_of, queue_of},
    values::{key, moment, number, text, text_of},
    writes::{Writes, delete},
};
use crate::domain::{Delivery, DeliveryState, EventId, Hold, QueueState, ResendCursor};

/// Which deliveries are listed.
#[derive(Clone, Copy, Debug)]
pub struct LogQuery {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// The lowest event id.
    pub from: EventId,
    /// The highest event id.
    pub to: EventId,
    /// From the oldest up instead of from the newest down.
    pub ascending: bool,
    /// At most so many.
    pub limit: usize,
}

/// The result of a request to send a delivery again.
#[derive(Clone, Debug, PartialEq)]
pub enum Resent {
    /// It is pending, again or still; of many, they will be.
    Pending,
    /// Another request to send many again is being worked through.
    Busy,
    /// The delivery does not exist.
    Missing,
    /// The webhook is gone.
    Deleted,
}

/// The most reads of one page of the log, or of one count.
pub const LOG_READS: usize = 4;

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage {
    /// The deliveries, in the order asked for.
    pub deliveries: Vec<Delivery>,
    /// The last event that was looked at, if there may be more after it.
    pub more: Option<EventId>,
}

/// How much waits in a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waiting {
    /// How many deliveries are pending, as far as they were counted.
    pub count: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// The first of them.
    pub first: Option<Delivery>,
}

impl Store {
    /// The state of a queue; that of an empty one if nothing was ever queued. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn queue(&self, queue: &str) -> Result<QueueState, StoreError> {
        let wanted = Some(key(queue, QUEUE_SK));
        let get = self.client.get_item().table_name(&self.tables.deliveries).set_key(wanted).consistent_read(true);
        let item = get.send().await.map_err(|error| failed(&error))?.item;
        item.map_or_else(|| Ok(QueueState::default()), queue_of)
    }

    /// How many deliveries are pending, and the first of them. Counts up to some ten thousand, in a bounded number of reads.
    /// Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn count_pending(&self, queue: &str, head: Option<EventId>) -> Result<Waiting, StoreError> {
        let mut found = self.pending(queue, head, 1).await?;
        let Some(first) = found.pending.pop().map(|queued| queued.delivery) else {
            // So much is finished that the first pending one was not reached.
            return Ok(Waiting { count: 0, more: found.beyond.is_some(), first: None });
        };
        let (mut count, mut start) = (0, None);
        for _ in 0..LOG_READS {
            let query = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            let query = query.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
            let query = query.expression_attribute_values(":pk", text(queue));
            let query = query.expression_attribute_values(":from", text(first.event.to_string()));
            let query = query.expression_attribute_values(":to", text(AFTER_DELIVERIES));
            let query = query.filter_expression("#state = :pending").expression_attribute_names("#state", "state");
            let query = query.expression_attribute_values(":pending", text(DeliveryState::Pending.as_str()));
            let query = query.select(aws_sdk_dynamodb::types::Select::Count).set_exclusive_start_key(start);
            let page = query.send().await.map_err(|error| failed(&error))?;
            count += usize::try_from(page.count).unwrap_or(0);
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(Waiting { count, more: start.is_some(), first: Some(first) })
    }

    /// One delivery. Needs `GetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn delivery(&self, queue: &str, event: EventId) -> Result<Option<Delivery>, StoreError> {
        let wanted = Some(key(queue, event.to_string()));
        let get = self.client.get_item().table_name(&self.tables.deliveries).set_key(wanted).consistent_read(true);
        get.send().await.map_err(|error| failed(&error))?.item.map(delivery_of).transpose()
    }

    /// Deliveries in the order asked for, in at most [`LOG_READS`] reads: where a state is rare there may be fewer than asked
    /// for, although more follow. Needs `Query` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn list_deliveries(&self, queue: &str, query: &LogQuery) -> Result<LogPage, StoreError> {
        let (mut found, mut start): (Vec<Delivery>, _) = (Vec::new(), None);
        if query.from > query.to {
            return Ok(LogPage::default());
        }
        for _ in 0..LOG_READS {
            let mut request = self.client.query().table_name(&self.tables.deliveries).consistent_read(true);
            request = request.key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
            request = request.expression_attribute_values(":pk", text(queue));
            request = request.expression_attribute_values(":from", text(query.from.to_string()));
            request = request.expression_attribute_values(":to", text(query.to.to_string()));
            // The copy of its event, which a diverted one has, is not needed.
            request = request.projection_expression(SHOWN).expression_attribute_names("#state", "state");
            request = request.expression_attribute_names("#reason", "reason");
            if let Some(state) = query.state {
                request = request.filter_expression("#state = :state");
                request = request.expression_attribute_values(":state", text(state.as_str()));
            }
            // A filter reads over what it leaves out; larger pages make fewer calls of that.
            let size = if query.state.is_some() { 1_000 } else { query.limit + 1 };
            let request = request.limit(i32::try_from(size).unwrap_or(i32::MAX)).set_exclusive_start_key(start);
            let page = request.scan_index_forward(query.ascending).send().await.map_err(|error| failed(&error))?;
            for item in page.items.unwrap_or_default() {
                found.push(delivery_of(item)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() || found.len() > query.limit {
                break;
            }
        }
        let more = if found.len() > query.limit {
            found.truncate(query.limit);
            found.last().map(|delivery| delivery.event)
        } else {
            start.and_then(|key| text_of(&key, "sk").parse().ok())
        };
        Ok(LogPage { deliveries: found, more })
    }

    /// Makes a finished delivery pending again and touches its queue, all or nothing. A pending one is left as it is. Needs
    /// `GetItem`, `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn resend(&self, queue: &str, event: EventId) -> Result<Resent, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let found = self.delivery(queue, event).await?;
            let Some(found) = found.filter(|found| found.reason.as_deref() != Some(DELETED)) else {
                return Ok(Resent::Missing);
            };
            let state = self.queue(queue).await?;
            if state.held == Some(Hold::Deleted) {
                return Ok(Resent::Deleted);
            }
            if found.state == DeliveryState::Pending {
                // Whoever put it may have ended before the touch.
                self.touch(queue, event).await?;
                return Ok(Resent::Pending);
            }
            let mut writes = Writes::default();
            writes.update(self.revival(queue, event, found.state))?;
            // With the touch in the same transaction, nothing can be left pending that nobody looks for.
            writes.update(self.touching(queue, event, &state))?;
            if found.state == DeliveryState::Diverted {
                writes.delete(delete(&self.tables.deliveries, key(queue, diverted_sk(event))))?;
            }
            if self.commit(writes.into()).await? {
                return Ok(Resent::Pending);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Leaves a request to send many again for drain to work through. One at a time: a second one would end the first. Needs
    /// `GetItem` and `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn request_resend(&self, queue: &str, cursor: &ResendCursor) -> Result<Resent, StoreError> {
        let start = self.clock.monotonic();
        loop {
            let state = self.queue(queue).await?;
            if state.held == Some(Hold::Deleted) {
                return Ok(Resent::Deleted);
            }
            if state.resend.is_some() {
                return Ok(Resent::Busy);
            }
            let mut writes = Writes::default();
            // Counted as a touch, so that a worker that is about to release the queue as empty sees it.
            let (set, condition) = touch_expressions(state.held.is_some(), false);
            let cursor = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(cursor)
                .map_err(|error| StoreError::Corrupt { key: queue.to_owned(), reason: error.to_string() })?;
            let lowest = state.head.unwrap_or_else(EventId::last);
            let condition = format!("{condition} AND attribute_not_exists(resend)");
            let update = self.queue_update(queue, &format!("{set}, resend = :cursor"), &condition, lowest);
            let mut update = update.expression_attribute_values(":cursor", cursor);
            if state.held.is_none() {
                update = update.expression_attribute_values(":now", moment(self.clock.now()));
                update = update.expression_attribute_values(":shard", text(due_shard(queue)));
            }
            writes.update(update)?;
            if self.commit(writes.into()).await? {
                return Ok(Resent::Pending);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Ends a diverted delivery; false if there is none. Needs `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn delete_diverted(&self, queue: &str, event: EventId) -> Result<bool, StoreError> {
        // It stays as discarded until a replay of its record can no longer bring it back.
        self.discard_diverted(queue, event, DELETED).await
    }

    fn touching(&self, queue: &str, lowest: EventId, state: &QueueState) -> UpdateBuilder {
        let held = state.held.is_some();
        let (set, condition) = touch_expressions(held, state.head.is_some_and(|head| head > lowest));
        let mut update = self.queue_update(queue, &set, condition, lowest);
        if !held {
            update = update.expression_attribute_values(":now", moment(self.clock.now()));
            update = update.expression_attribute_values(":shard", text(due_shard(queue)));
        }
        update
    }

    fn queue_update(&self, queue: &str, set: &str, condition: &str, lowest: EventId) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, QUEUE_SK)))
            .update_expression(set)
            .condition_expression(condition)
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":lowest", text(lowest.to_string()))
    }
}
