//! What a change of a webhook does to its queue, in the webhook's transaction.

use aws_sdk_dynamodb::types::{Update, builders::UpdateBuilder};

use super::{Renewal, change::name_of};
use crate::{
    domain::{Hold, Webhook},
    store::{
        Store,
        keys::{QUEUE_SK, due_shard, queue_key},
        values::{key, moment, number, text},
    },
};

impl Store {
    /// What a change of the webhook means for its queue; `None` if a delivery depends on nothing of it.
    pub(in crate::store) fn queue_change(&self, before: &Webhook, after: &Webhook) -> Option<UpdateBuilder> {
        let repaired = after.repairs(before);
        if before.hold() == after.hold() && !repaired && before.policy == after.policy {
            return None;
        }
        let queue = queue_key(&after.organization, &after.key);
        let mut set = "SET generation = :generation".to_owned();
        let mut remove = Vec::new();
        let mut update = Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(&queue, QUEUE_SK)))
            .expression_attribute_values(":generation", number(after.generation));
        if let Some(hold) = after.hold() {
            set.push_str(", held = :held");
            update = update.expression_attribute_values(":held", text(name_of(hold)));
            remove.extend(["due_at", "due_shard"]);
        } else if before.hold().is_some() || repaired {
            remove.push("held");
            // The owner's pause does not shorten a wait that the endpoint caused.
            set.push_str(if repaired { ", due_at = :now" } else { ", due_at = if_not_exists(not_before, :now)" });
            set.push_str(", due_shard = :shard");
            update = update.expression_attribute_values(":now", moment(self.clock.now()));
            update = update.expression_attribute_values(":shard", text(due_shard(&queue)));
        }
        // A repaired endpoint starts afresh. While the queue is held nothing is asked of the endpoint, so that time does not
        // count towards a day of nothing but 429.
        if repaired {
            remove.extend(["not_before", "failures", "refusals", "throttled_since"]);
        } else if before.hold() != after.hold() {
            remove.push("throttled_since");
        }
        let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
        Some(update.update_expression(set + &remove))
    }

    /// The end of a queue: a touch never revives it, drain discards what is pending in it.
    pub(in crate::store) fn queue_tombstone(&self, webhook: &Webhook) -> UpdateBuilder {
        let queue = queue_key(&webhook.organization, &webhook.key);
        Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(&queue, QUEUE_SK)))
            .update_expression(
                "SET held = :deleted, generation = :generation, due_at = :now, due_shard = :shard REMOVE not_before, head",
            )
            .expression_attribute_values(":deleted", text(name_of(Hold::Deleted)))
            .expression_attribute_values(":generation", number(webhook.generation + 1))
            .expression_attribute_values(":now", moment(self.clock.now()))
            .expression_attribute_values(":shard", text(due_shard(&queue)))
    }

    /// The queue's half of a suspension by the worker that holds its lease.
    pub(in crate::store) fn queue_suspension(
        &self,
        webhook: &Webhook,
        lease: &str,
        progress: &Renewal,
    ) -> UpdateBuilder {
        let mut set = "SET held = :held, generation = :next".to_owned();
        let mut update = Update::builder();
        let last_failure = progress.health.as_ref().and_then(|(health, _)| health.last_failure);
        for (name, at) in [("paced_until", progress.paced_until), ("last_failure", last_failure)] {
            let Some(at) = at else { continue };
            set.push_str(&format!(", {name} = :{name}"));
            update = update.expression_attribute_values(format!(":{name}"), moment(at));
        }
        update
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue_key(&webhook.organization, &webhook.key), QUEUE_SK)))
            .update_expression(set + " REMOVE due_at, due_shard, lease, lease_until, throttled_since")
            .condition_expression("lease = :lease AND attribute_not_exists(held)")
            .expression_attribute_values(":held", text(name_of(Hold::Suspended)))
            .expression_attribute_values(":next", number(webhook.generation + 1))
            .expression_attribute_values(":lease", text(lease))
    }
}
