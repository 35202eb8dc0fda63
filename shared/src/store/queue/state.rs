//! Updates of a queue that belong to a transaction that changes its webhook.

use super::{Renewal, change::name_of};
use crate::{
    domain::{Hold, Webhook},
    store::{
        Store,
        condition::Condition::{Absent, Is},
        history::history_attribute,
        keys::{due_shard, queue_key},
        values::{moment, number, text},
        write::{Update, Write},
    },
};

impl Store {
    /// The update of the queue that a change of its webhook requires; `None` if the change does not affect deliveries.
    pub(in crate::store) fn queue_change(&self, before: &Webhook, after: &Webhook) -> Option<Write<Update>> {
        let now = self.clock.now();
        let repaired = after.repairs(before, now);
        if before.hold() == after.hold() && !repaired && before.policy == after.policy {
            return None;
        }
        let queue = queue_key(&after.organization, &after.key);
        let mut update = self.queue_update(&queue).set("generation", number(after.generation));
        if let Some(hold) = after.hold() {
            update = update.set("held", text(name_of(hold))).remove(["due_at", "due_shard"]);
        } else if before.hold().is_some() || repaired {
            let now = moment(now);
            update = update.remove(["held"]).set("due_shard", text(due_shard(&queue)));
            // Ending the owner's pause does not shorten a wait that the endpoint caused.
            update = if repaired { update.set("due_at", now) } else { update.set_from("due_at", "not_before", now) };
        }
        // A repaired endpoint starts afresh. While a queue is held no requests are sent, so that time does not count
        // towards a day of nothing but 429 replies.
        if repaired {
            update = update.remove(["not_before", "failures", "in_a_row", "failing", "refusals", "throttled_since"]);
        } else if before.hold() != after.hold() {
            update = update.remove(["throttled_since"]);
        }
        Some(update)
    }

    /// Marks a queue as deleted: a touch never revives it, and drain discards its pending deliveries.
    pub(in crate::store) fn queue_tombstone(&self, webhook: &Webhook) -> Write<Update> {
        let queue = queue_key(&webhook.organization, &webhook.key);
        self.queue_update(&queue)
            .set("held", text(name_of(Hold::Deleted)))
            .set("generation", number(webhook.generation + 1))
            .set("due_at", moment(self.clock.now()))
            .set("due_shard", text(due_shard(&queue)))
            .remove(["not_before", "head"])
    }

    /// The update of the queue in a suspension. Only the worker that holds the lease may write it. `told` says that an
    /// operational event tells of it.
    pub(in crate::store) fn queue_suspension(
        &self,
        webhook: &Webhook,
        lease: &str,
        progress: &Renewal,
        told: bool,
    ) -> Write<Update> {
        let last_failure = progress.health.as_ref().and_then(|(health, _)| health.last_failure);
        let update = self.queue_update(&queue_key(&webhook.organization, &webhook.key));
        let update = if told { update.set_if_absent("trouble", moment(self.clock.now())) } else { update };
        update
            .set("held", text(name_of(Hold::Suspended)))
            .set("generation", number(webhook.generation + 1))
            .set_given("paced_until", progress.paced_until.map(moment))
            .set_given("last_failure", last_failure.map(moment))
            .set_given("history", progress.history.as_ref().map(history_attribute))
            .remove(["due_at", "due_shard", "lease", "lease_until", "throttled_since"])
            .only_if(Is("lease", text(lease)))
            .only_if(Absent("held"))
    }
}
