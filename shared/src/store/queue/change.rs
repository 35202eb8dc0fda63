//! Parts that several writes of a queue share: the touch, and the progress that a worker writes while it holds the
//! lease.

use super::Renewal;
use crate::{
    domain::{EventId, Hold},
    store::{
        Store, StoreError,
        condition::Condition::{self, Above, Absent, AtMost, Exists, Is, IsNot},
        history::history_attribute,
        keys::{QUEUE_SK, due_shard},
        records::attribute,
        values::{key, moment, number, text},
        write::{Update, Write},
    },
};

impl Store {
    /// Starts an update of a queue's item.
    pub(super) fn queue_update(&self, queue: &str) -> Write<Update> {
        Write::update(&self.tables.deliveries, key(queue, QUEUE_SK))
    }

    /// A touch for a queue that is held or not (`held`) and whose head is above `lowest` or not (`lower`). The write is
    /// refused if the queue's item does not match these two.
    pub(in crate::store) fn queue_touch(&self, queue: &str, lowest: EventId, held: bool, lower: bool) -> Write<Update> {
        let lowest = text(lowest.to_string());
        let touch = self.queue_update(queue).add("touched", 1);
        let touch = if lower {
            touch.set("head", lowest.clone()).only_if(Above("head", lowest))
        } else {
            touch.set_if_absent("head", lowest.clone()).only_if(Absent("head").or(AtMost("head", lowest)))
        };
        if held {
            return touch.only_if(Exists("held"));
        }
        let touch = touch.only_if(Absent("held")).set_if_absent("due_at", moment(self.clock.now()));
        touch.set_if_absent("due_shard", text(due_shard(queue)))
    }

    /// The part that renewing and releasing share; only the holder of the lease may write it. The endpoint's health is
    /// written only if `same` is true and the webhook is still at the generation at which the health was observed.
    pub(super) fn queue_progress(
        &self,
        queue: &str,
        token: &str,
        renewal: &Renewal,
        same: bool,
    ) -> Result<Write<Update>, StoreError> {
        let mut update = self.queue_update(queue).showing_items().only_if(Is("lease", text(token)));
        if let Some((health, generation)) = renewal.health.as_ref().filter(|_| same) {
            update = update
                .only_if(Condition::counts("generation", *generation))
                .set("failures", number(health.failures))
                .set("refusals", number(health.refusals))
                .set_or_remove("in_a_row", (health.in_a_row > 0).then(|| number(health.in_a_row)))
                .set_or_remove("throttled_since", health.throttled_since.map(moment))
                .set_or_remove("last_success", health.last_success.map(moment))
                .set_or_remove("last_failure", health.last_failure.map(moment));
        }
        update = update.set_given("paced_until", renewal.paced_until.map(moment));
        if let Some(resend) = &renewal.resend {
            update = update.set_or_remove("resend", resend.as_ref().map(attribute).transpose()?);
        }
        if let Some(spread) = &renewal.spread {
            update = update.set_or_remove("spread", spread.as_ref().map(attribute).transpose()?);
        }
        Ok(update.set_given("history", renewal.history.as_ref().map(history_attribute)))
    }
}

/// The condition that a queue can be worked on: it is not held, or its webhook is deleted and its pending deliveries
/// must be discarded.
pub(super) fn open() -> Condition {
    Absent("held").or(Is("held", text(name_of(Hold::Deleted))))
}

/// The condition that the owner is still told about the webhook: it is not deleted.
pub(super) fn not_deleted() -> Condition {
    Absent("held").or(IsNot("held", text(name_of(Hold::Deleted))))
}

/// The name of a hold in a queue's item.
pub(super) fn name_of(hold: Hold) -> &'static str {
    match hold {
        Hold::Paused => "paused",
        Hold::Suspended => "suspended",
        Hold::Inactive => "inactive",
        Hold::Deleted => "deleted",
    }
}
