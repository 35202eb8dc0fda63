//! How the conditional writes of a queue are put together and made.

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use serde::Serialize;

use super::Renewal;
use crate::{
    domain::Hold,
    store::{
        Store, StoreError,
        error::{failed, is_condition, is_conflict},
        keys::{QUEUE_SK, due_shard},
        retry::Tried,
        values::{Item, key, moment, number, text},
    },
};

/// How a touch is written and on what condition, by whether the queue is held and whether its head is above `:lowest`.
pub(in crate::store) fn touch_expressions(held: bool, lower: bool) -> (String, &'static str) {
    let mut set = "SET touched = if_not_exists(touched, :none) + :one".to_owned();
    set.push_str(if lower { ", head = :lowest" } else { ", head = if_not_exists(head, :lowest)" });
    if !held {
        set.push_str(", due_at = if_not_exists(due_at, :now), due_shard = if_not_exists(due_shard, :shard)");
    }
    let condition = match (lower, held) {
        (false, false) => "attribute_not_exists(held) AND (attribute_not_exists(head) OR head <= :lowest)",
        (false, true) => "attribute_exists(held) AND (attribute_not_exists(head) OR head <= :lowest)",
        (true, false) => "attribute_not_exists(held) AND head > :lowest",
        (true, true) => "attribute_exists(held) AND head > :lowest",
    };
    (set, condition)
}

/// A conditional update being put together.
pub(super) struct Change {
    update: UpdateItemFluentBuilder,
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
}

impl Change {
    pub(super) fn set(&mut self, clause: &str, name: &str, value: AttributeValue) {
        self.sets.push(clause.to_owned());
        self.value(name, value);
    }

    pub(super) fn value(&mut self, name: &str, value: AttributeValue) {
        self.update = self.update.clone().expression_attribute_values(name, value);
    }

    pub(super) fn remove(&mut self, names: &[&str]) {
        self.removes.extend(names.iter().map(|&name| name.to_owned()));
    }

    /// Writes where some longer work has come to, or that it is done.
    fn cursor(&mut self, name: &str, cursor: Option<Option<&impl Serialize>>) {
        match cursor {
            None => {}
            Some(None) => self.remove(&[name]),
            Some(Some(cursor)) => {
                if let Ok(value) = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(cursor) {
                    self.set(&format!("{name} = :{name}"), &format!(":{name}"), value);
                }
            }
        }
    }

    /// A condition that may name `:deleted`.
    pub(super) fn require(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
        if condition.contains(":deleted") {
            self.value(":deleted", text(name_of(Hold::Deleted)));
        }
    }

    /// Only if nothing was touched since a count was read. A queue that a change of its webhook made has no count.
    pub(super) fn untouched_since(&mut self, touched: u64) {
        self.require(&counts_as("touched", touched));
        self.value(":touched", number(touched));
    }

    /// Only if it is not held, and then due in the index.
    pub(super) fn unheld(&mut self, queue: &str) {
        self.set("due_shard = :shard", ":shard", text(due_shard(queue)));
        self.require("(attribute_not_exists(held) OR held = :deleted)");
    }

    pub(super) fn build(self) -> UpdateItemFluentBuilder {
        let clause = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        let expression = clause("SET", &self.sets) + &clause("REMOVE", &self.removes);
        self.update.update_expression(expression).condition_expression(self.conditions.join(" AND "))
    }
}

/// That a counter stands at `value`; one that was never written stands at 0.
pub(in crate::store) fn counts_as(name: &str, value: u64) -> String {
    if value == 0 { format!("(attribute_not_exists({name}) OR {name} = :{name})") } else { format!("{name} = :{name}") }
}

impl Store {
    pub(super) fn update_queue(&self, queue: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, QUEUE_SK)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// One conditional write: the item after it, or the item that refused it.
    pub(super) async fn try_update(
        &self,
        update: UpdateItemFluentBuilder,
    ) -> Result<Tried<Result<Item, Item>>, StoreError> {
        match update.send().await {
            Ok(reply) => Ok(Tried::Done(Ok(reply.attributes.unwrap_or_default()))),
            Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
            Err(error) if is_condition(&error) => {
                let item = match error.into_service_error() {
                    UpdateItemError::ConditionalCheckFailedException(refusal) => refusal.item,
                    _ => None,
                };
                Ok(Tried::Done(Err(item.unwrap_or_default())))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// What renewing and releasing both write while the lease is held; of the health nothing unless the generation is the
    /// `same`.
    pub(super) fn progress(&self, queue: &str, token: &str, renewal: &Renewal, same: bool) -> Change {
        let update = self.update_queue(queue);
        let mut change = Change { update, sets: Vec::new(), removes: Vec::new(), conditions: Vec::new() };
        change.require("lease = :token");
        change.value(":token", text(token));
        if let Some((health, generation)) = renewal.health.as_ref().filter(|_| same) {
            change.require(&counts_as("generation", *generation));
            change.value(":generation", number(*generation));
            change.set("failures = :failures", ":failures", number(health.failures));
            change.set("refusals = :refusals", ":refusals", number(health.refusals));
            for (name, value) in [
                ("throttled_since", health.throttled_since),
                ("last_success", health.last_success),
                ("last_failure", health.last_failure),
            ] {
                match value {
                    Some(at) => change.set(&format!("{name} = :{name}"), &format!(":{name}"), moment(at)),
                    None => change.remove(&[name]),
                }
            }
        }
        if let Some(at) = renewal.paced_until {
            change.set("paced_until = :paced", ":paced", moment(at));
        }
        change.cursor("resend", renewal.resend.as_ref().map(Option::as_ref));
        change.cursor("spread", renewal.spread.as_ref().map(Option::as_ref));
        change
    }
}

pub(super) fn name_of(hold: Hold) -> &'static str {
    match hold {
        Hold::Paused => "paused",
        Hold::Suspended => "suspended",
        Hold::Inactive => "inactive",
        Hold::Deleted => "deleted",
    }
}
