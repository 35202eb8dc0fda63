//! Ending deliveries: as delivered, discarded or diverted.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Finish, Guard, Remembered};
use crate::{
    domain::{Attempt, DeliveryState, Event, EventId, Timestamp},
    store::{
        Store, StoreError,
        condition::Condition::{self, Absent, Is},
        event_image::event_item,
        keys::{QUEUE_SK, diverted_sk},
        records::attribute,
        values::{key, moment, number, text},
        write::{Part, Update, Write},
    },
};

/// The attributes in which a queue remembers deliveries until an operational event tells of them.
struct Names {
    /// The hour in which it was told last.
    hour: &'static str,
    /// How many have followed.
    more: &'static str,
}

const DIVERTED: Names = Names { hour: "diverted_hour", more: "diverted_more" };
const EXPIRED: Names = Names { hour: "expired_hour", more: "expired_more" };

impl Store {
    /// Ends a pending delivery. Returns false if it is no longer pending. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn finish(&self, queue: &str, event: EventId, finish: &Finish) -> Result<bool, StoreError> {
        Ok(self.update_item(self.end(queue, event, finish)?).await?.is_ok())
    }

    /// Ends a pending delivery that failed. Returns false if it is no longer pending or `guard` is not satisfied. Needs
    /// `UpdateItem` and `ConditionCheckItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn finish_guarded(
        &self,
        queue: &str,
        event: EventId,
        finish: &Finish,
        guard: Guard<'_>,
    ) -> Result<bool, StoreError> {
        let mut writes = vec![self.end(queue, event, finish)?.into()];
        writes.extend(self.still(queue, guard, &DIVERTED, Remembered::Nothing));
        Ok(self.transact(writes).await?.is_ok())
    }

    /// Discards a pending delivery that has expired. Returns false if it is no longer pending or `guard` is not
    /// satisfied. Needs `UpdateItem` and `ConditionCheckItem` on the Deliveries table, and `PutItem` on the Events
    /// table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn expire(
        &self,
        queue: &str,
        event: EventId,
        finish: &Finish,
        guard: Guard<'_>,
        remembered: Remembered<'_>,
    ) -> Result<bool, StoreError> {
        let mut writes = vec![self.end(queue, event, finish)?.into()];
        writes.extend(self.still(queue, guard, &EXPIRED, remembered));
        Ok(self.transact(writes).await?.is_ok())
    }

    /// Diverts a pending delivery: in one transaction, stores a copy of its event with it and puts the pointer by which
    /// it is listed. `attempts` replaces the delivery's attempts. Returns false if it is no longer pending or the guard
    /// is not satisfied. Needs `PutItem`, `UpdateItem` and `ConditionCheckItem` on the Deliveries table, and `PutItem` on
    /// the Events table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn divert(
        &self,
        queue: &str,
        event: &Event,
        reason: &str,
        attempts: Option<&[Attempt]>,
        guard: Guard<'_>,
        remembered: Remembered<'_>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let update = self
            .leave(queue, event.id, DeliveryState::Pending, DeliveryState::Diverted, now)
            .set("reason", text(reason))
            .set("event", AttributeValue::M(event_item(event, 1, 0)))
            .set_given("attempts", attempts.map(attribute).transpose()?);
        let update = with_last_status(update, attempts);
        let mut pointer = key(queue, diverted_sk(event.id));
        pointer.insert("since".to_owned(), moment(now));
        let pointer = Write::put(&self.tables.deliveries, pointer);
        let mut writes = vec![update.into(), pointer.into()];
        writes.extend(self.still(queue, guard, &DIVERTED, remembered));
        Ok(self.transact(writes).await?.is_ok())
    }

    /// Discards a diverted delivery: in one transaction, ends it and deletes its copy of the event and its pointer.
    /// Returns false if it is no longer diverted. Needs `UpdateItem` and `DeleteItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn discard_diverted(&self, queue: &str, event: EventId, reason: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let update = self
            .leave(queue, event, DeliveryState::Diverted, DeliveryState::Discarded, now)
            .set("reason", text(reason))
            .set("expires_at", number(self.delivery_expiry(now)))
            .remove(["event"]);
        let pointer = Write::delete(&self.tables.deliveries, key(queue, diverted_sk(event)));
        Ok(self.transact([update.into(), pointer.into()]).await?.is_ok())
    }

    fn end(&self, queue: &str, event: EventId, finish: &Finish) -> Result<Write<Update>, StoreError> {
        let now = self.clock.now();
        let update = self
            .leave(queue, event, DeliveryState::Pending, finish.state, now)
            .set("expires_at", number(self.delivery_expiry(now)))
            .set_given("reason", finish.reason.as_deref().map(text))
            .set_given("attempts", finish.attempts.as_ref().map(attribute).transpose()?);
        Ok(with_last_status(update, finish.attempts.as_deref()))
    }

    /// The write that ends a delivery by moving it from one state to another.
    fn leave(
        &self,
        queue: &str,
        event: EventId,
        from: DeliveryState,
        to: DeliveryState,
        now: Timestamp,
    ) -> Write<Update> {
        Write::update(&self.tables.deliveries, key(queue, event.to_string()))
            .set("state", text(to.as_str()))
            .set("finished", moment(now))
            .only_if(Is("state", text(from.as_str())))
    }

    /// Checks that the worker still holds the lease and that the webhook has not changed since the worker read it, and
    /// has the queue remember the delivery. Remembering costs no more than checking.
    fn still(&self, queue: &str, guard: Guard<'_>, names: &Names, remembered: Remembered<'_>) -> Vec<Part> {
        let item = key(queue, QUEUE_SK);
        let lease = Is("lease", text(guard.lease));
        let generation = Condition::counts("generation", guard.generation);
        if matches!(remembered, Remembered::Nothing) {
            let check = Write::check(&self.tables.deliveries, item);
            return vec![check.only_if(lease).only_if(generation).into()];
        }
        let update = Write::update(&self.tables.deliveries, item).only_if(lease).only_if(generation);
        let Remembered::Told { announcement, hour, before } = remembered else {
            return vec![update.add(names.more, 1).into()];
        };
        let same = before.hour.map_or(Absent(names.hour), |hour| Is(names.hour, number(hour)));
        let update = update.only_if(same).only_if(Condition::counts(names.more, before.more.into()));
        let update = update.set(names.hour, number(hour)).remove([names.more]);
        vec![update.into(), self.event_put(&announcement.event, announcement.shards).into()]
    }

    /// When a finished delivery expires, in seconds since the epoch: four days after the retention of events. It
    /// outlives its event so that a replay can see what was delivered.
    pub(in crate::store) fn delivery_expiry(&self, now: Timestamp) -> i64 {
        now.seconds() + (self.retention_days + 4) * 86_400
    }
}

/// Writes the status of the last attempt, by which the log can be filtered, if the attempts are written.
fn with_last_status(update: Write<Update>, attempts: Option<&[Attempt]>) -> Write<Update> {
    match attempts.and_then(<[Attempt]>::last) {
        Some(last) => update.set_or_remove("last_status", last.status.map(number)),
        None => update,
    }
}
