//! Queues: touching, leasing, renewing and releasing them. The rules are DESIGN section 6's.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure, Update, builders::UpdateBuilder},
};

use super::{
    Store, StoreError,
    error::{failed, is_condition, is_conflict},
    keys::{QUEUE_SK, due_shard, queue_key},
    records::queue_of,
    retry::Tried,
    values::{Item, key, moment, number, text, text_of},
};
use crate::domain::{EventId, Hold, QueueState, ResendCursor, Timestamp, Webhook};

/// How far the clocks of two workers may be apart, in milliseconds: a lease counts as live that much longer.
pub const SKEW_MS: i64 = 2_000;

/// What a touch met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The queue is due and can be delivered.
    Due,
    /// The queue is held; the event waits in it.
    Held,
    /// The webhook is gone.
    Deleted,
}

/// What an attempt to lease a queue met.
#[derive(Clone, Debug, PartialEq)]
pub enum Lease {
    /// The queue is ours.
    Taken(Box<QueueState>),
    /// Another worker has it.
    Busy,
    /// Nothing may be sent before that moment.
    Wait(Timestamp),
    /// It is held, or there is no such queue.
    Held,
}

/// What a worker writes while it keeps its lease.
#[derive(Clone, Debug, Default)]
pub struct Renewal {
    /// The lease's new end.
    pub until: Timestamp,
    /// The new lower bound, if nothing was touched since the worker saw this count.
    pub head: Option<(EventId, u64)>,
    /// What the endpoint's replies came to.
    pub health: Option<Health>,
    /// No message before this moment.
    pub paced_until: Option<Timestamp>,
    /// Where a resend has come to; `Some(None)` ends it.
    pub resend: Option<Option<ResendCursor>>,
}

/// What the endpoint's replies so far say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// Refusals in a row.
    pub refusals: u32,
    /// Since when there was nothing but 429.
    pub throttled_since: Option<Timestamp>,
    /// When something was last accepted.
    pub last_success: Option<Timestamp>,
    /// When something last failed.
    pub last_failure: Option<Timestamp>,
}

impl Health {
    /// The health in a queue's state.
    #[must_use]
    pub fn of(queue: &QueueState) -> Self {
        Self {
            failures: queue.failures,
            refusals: queue.refusals,
            throttled_since: queue.throttled_since,
            last_success: queue.last_success,
            last_failure: queue.last_failure,
        }
    }
}

/// How a worker leaves a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing is pending: it stops being due, unless it was touched since this count.
    Empty {
        /// The count before the read that found nothing.
        touched: u64,
    },
    /// There is more, at once: the worker has run out of time.
    More,
    /// Nothing before that moment.
    NotBefore(Timestamp),
    /// As it was before the lease.
    AsItWas,
}

/// The queue of a webhook. Needs `UpdateItem` on the Deliveries table, and `Query` on its index for [`QueueStore::due`].
pub trait QueueStore {
    /// Says that deliveries were put, the lowest of them `lowest`: counts the touch, lowers the head, and makes the queue due
    /// unless it is already or is held. Never moves what delays it.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    fn touch(&self, queue: &str, lowest: EventId) -> impl Future<Output = Result<Touch, StoreError>> + Send;

    /// Takes the lease until `until`, in one conditional write: no live lease, no delay, no hold (but that of deletion).
    /// `whatever_the_state` takes no notice of delay and hold, and leaves them as they are: for test messages.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    fn lease(
        &self,
        queue: &str,
        token: &str,
        until: Timestamp,
        whatever_the_state: bool,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send;

    /// Keeps the lease; `None` if it is lost. The head rises only if nothing was touched meanwhile.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    fn renew(
        &self,
        queue: &str,
        token: &str,
        renewal: &Renewal,
    ) -> impl Future<Output = Result<Option<QueueState>, StoreError>> + Send;

    /// Gives the lease back. False if the queue was touched since the count of [`Release::Empty`], so that the worker must
    /// go on; true also if the lease is lost, since then it is another worker's to release.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    fn release(
        &self,
        queue: &str,
        token: &str,
        release: Release,
        renewal: &Renewal,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The queues of a due shard that are due at `now`, the most overdue first, at most `limit`.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    fn due(
        &self,
        shard: u32,
        now: Timestamp,
        limit: i32,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
}

impl QueueStore for Store {
    async fn touch(&self, queue: &str, lowest: EventId) -> Result<Touch, StoreError> {
        // Which write is right depends on the item; the usual case first, then what the refusal shows.
        let (mut held, mut lower) = (false, false);
        let start = self.clock.monotonic();
        loop {
            let (set, condition) = touch_expressions(held, lower);
            let mut update = self.update_queue(queue).expression_attribute_values(":none", number(0));
            update = update.expression_attribute_values(":one", number(1));
            update = update.expression_attribute_values(":lowest", text(lowest.to_string()));
            if !held {
                update = update.expression_attribute_values(":now", moment(self.clock.now()));
                update = update.expression_attribute_values(":shard", text(due_shard(queue)));
            }
            match self.try_update(update.update_expression(set).condition_expression(condition)).await? {
                Tried::Done(Ok(_)) => return Ok(if held { Touch::Held } else { Touch::Due }),
                Tried::Done(Err(item)) => {
                    let found = queue_of(item)?;
                    if found.held == Some(Hold::Deleted) {
                        return Ok(Touch::Deleted);
                    }
                    (held, lower) = (found.held.is_some(), found.head.is_some_and(|head| head > lowest));
                }
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    async fn lease(
        &self,
        queue: &str,
        token: &str,
        until: Timestamp,
        whatever_the_state: bool,
    ) -> Result<Lease, StoreError> {
        let now = self.clock.now();
        let free = "attribute_exists(pk) AND (attribute_not_exists(lease_until) OR lease_until < :stale)";
        let mut update =
            self.update_queue(queue).expression_attribute_values(":stale", moment(Timestamp(now.0 - SKEW_MS)));
        update = update.expression_attribute_values(":token", text(token));
        update = update.expression_attribute_values(":until", moment(until));
        let update = if whatever_the_state {
            // A held queue stays out of the index of what can be delivered, and a deleted one is not brought back.
            let free = "attribute_not_exists(lease_until) OR lease_until < :stale";
            update.update_expression("SET lease = :token, lease_until = :until").condition_expression(free)
        } else {
            let ready = "(attribute_not_exists(not_before) OR not_before <= :now)";
            let open = "(attribute_not_exists(held) OR held = :deleted)";
            update = update.expression_attribute_values(":now", moment(now));
            update = update.expression_attribute_values(":deleted", text("deleted"));
            // If this worker dies, the queue is due again when its lease has run out.
            update = update.expression_attribute_values(":again", moment(Timestamp(until.0 + SKEW_MS)));
            update = update.expression_attribute_values(":shard", text(due_shard(queue)));
            update
                .update_expression("SET lease = :token, lease_until = :until, due_at = :again, due_shard = :shard")
                .condition_expression(format!("{free} AND {ready} AND {open}"))
        };
        let start = self.clock.monotonic();
        loop {
            match self.try_update(update.clone()).await? {
                Tried::Done(Ok(item)) => return Ok(Lease::Taken(Box::new(queue_of(item)?))),
                Tried::Done(Err(item)) if item.is_empty() => return Ok(Lease::Held),
                Tried::Done(Err(item)) => {
                    let found = queue_of(item)?;
                    let busy = found.lease.is_some_and(|(_, until)| until.0 >= now.0 - SKEW_MS);
                    return Ok(match found.not_before {
                        _ if busy => Lease::Busy,
                        _ if found.held.is_some() => Lease::Held,
                        Some(moment) => Lease::Wait(moment),
                        None => Lease::Held,
                    });
                }
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    async fn renew(&self, queue: &str, token: &str, renewal: &Renewal) -> Result<Option<QueueState>, StoreError> {
        let mut raise = renewal.head.is_some();
        let start = self.clock.monotonic();
        loop {
            let mut change = self.progress(queue, renewal);
            change.set("lease_until = :until", ":until", moment(renewal.until));
            let mut condition = "lease = :token".to_owned();
            if let Some((head, touched)) = renewal.head.filter(|_| raise) {
                change.set("head = :head", ":head", text(head.to_string()));
                change.value(":seen", number(touched));
                condition.push_str(untouched_since(touched));
            }
            change.value(":token", text(token));
            match self.try_update(change.build().condition_expression(condition)).await? {
                Tried::Done(Ok(item)) => return Ok(Some(queue_of(item)?)),
                Tried::Done(Err(item)) if raise && text_of(&item, "lease") == token => raise = false,
                Tried::Done(Err(_)) => return Ok(None),
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    async fn release(&self, queue: &str, token: &str, release: Release, renewal: &Renewal) -> Result<bool, StoreError> {
        let mut held = false;
        let start = self.clock.monotonic();
        loop {
            let mut change = self.progress(queue, renewal);
            change.remove(&["lease", "lease_until"]);
            change.value(":token", text(token));
            let mut condition = "lease = :token".to_owned();
            match release {
                Release::Empty { touched } => {
                    change.remove(&["due_at", "due_shard", "head", "not_before"]);
                    condition.push_str(untouched_since(touched));
                    change.value(":seen", number(touched));
                }
                Release::AsItWas => {}
                // The hold has removed the due keys; its release sets them.
                _ if held => condition.push_str(" AND attribute_exists(held) AND held <> :deleted"),
                Release::More => {
                    change.set("due_at = :due", ":due", moment(self.clock.now()));
                    change.remove(&["not_before"]);
                }
                Release::NotBefore(at) => {
                    change.set("not_before = :due, due_at = :due", ":due", moment(at));
                }
            }
            if !matches!(release, Release::Empty { .. } | Release::AsItWas) {
                change.value(":deleted", text("deleted"));
                if !held {
                    change.set("due_shard = :shard", ":shard", text(due_shard(queue)));
                    condition.push_str(" AND (attribute_not_exists(held) OR held = :deleted)");
                }
            }
            match self.try_update(change.build().condition_expression(condition)).await? {
                Tried::Done(Ok(_)) => return Ok(true),
                Tried::Done(Err(item)) if text_of(&item, "lease") != token => return Ok(true),
                Tried::Done(Err(_)) if matches!(release, Release::Empty { .. }) => return Ok(false),
                Tried::Done(Err(item)) => held = queue_of(item)?.held.is_some_and(|hold| hold != Hold::Deleted),
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    async fn due(&self, shard: u32, now: Timestamp, limit: i32) -> Result<Vec<String>, StoreError> {
        let query = self.client.query().table_name(&self.tables.deliveries).index_name("due").limit(limit);
        let query = query.key_condition_expression("due_shard = :shard AND due_at <= :now");
        let query = query.expression_attribute_values(":shard", text(shard.to_string()));
        let page =
            query.expression_attribute_values(":now", moment(now)).send().await.map_err(|error| failed(&error))?;
        Ok(page.items.unwrap_or_default().iter().map(|item| text_of(item, "pk").to_owned()).collect())
    }
}

/// How a touch is written and on what condition, by whether the queue is held and whether its head is above `:lowest`.
pub(super) fn touch_expressions(held: bool, lower: bool) -> (String, &'static str) {
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

/// An update being put together.
struct Change {
    update: UpdateItemFluentBuilder,
    sets: Vec<String>,
    removes: Vec<String>,
}

impl Change {
    fn set(&mut self, clause: &str, name: &str, value: aws_sdk_dynamodb::types::AttributeValue) {
        self.sets.push(clause.to_owned());
        self.value(name, value);
    }

    fn value(&mut self, name: &str, value: aws_sdk_dynamodb::types::AttributeValue) {
        self.update = self.update.clone().expression_attribute_values(name, value);
    }

    fn remove(&mut self, names: &[&str]) {
        self.removes.extend(names.iter().map(|&name| name.to_owned()));
    }

    fn build(self) -> UpdateItemFluentBuilder {
        let clause = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        let expression = clause("SET", &self.sets) + &clause("REMOVE", &self.removes);
        self.update.update_expression(expression)
    }
}

impl Store {
    fn update_queue(&self, queue: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue, QUEUE_SK)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// One conditional write: the item after it, or the item that refused it.
    async fn try_update(&self, update: UpdateItemFluentBuilder) -> Result<Tried<Result<Item, Item>>, StoreError> {
        match update.send().await {
            Ok(reply) => Ok(Tried::Done(Ok(reply.attributes.unwrap_or_default()))),
            Err(error) if is_conflict(&error) => Ok(Tried::Conflict),
            Err(error) if is_condition(&error) => {
                let item = match error.into_service_error() {
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
                        refusal,
                    ) => refusal.item,
                    _ => None,
                };
                Ok(Tried::Done(Err(item.unwrap_or_default())))
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// What renewing and releasing both write.
    fn progress(&self, queue: &str, renewal: &Renewal) -> Change {
        let mut change = Change { update: self.update_queue(queue), sets: Vec::new(), removes: Vec::new() };
        if let Some(health) = &renewal.health {
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
        match &renewal.resend {
            Some(Some(cursor)) => {
                if let Ok(value) = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(cursor) {
                    change.set("resend = :resend", ":resend", value);
                }
            }
            Some(None) => change.remove(&["resend"]),
            None => {}
        }
        change
    }

    /// What a change of the webhook means for its queue; `None` if a delivery depends on nothing of it.
    pub(super) fn queue_change(&self, before: &Webhook, after: &Webhook) -> Option<UpdateBuilder> {
        let endpoint = before.url != after.url;
        let same = before.hold() == after.hold()
            && !endpoint
            && before.headers == after.headers
            && before.signing_secrets == after.signing_secrets
            && before.signing == after.signing
            && before.policy == after.policy;
        if same {
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
        } else if before.hold().is_some() || endpoint {
            remove.push("held");
            set.push_str(", due_at = :now, due_shard = :shard");
            update = update.expression_attribute_values(":now", moment(self.clock.now()));
            update = update.expression_attribute_values(":shard", text(due_shard(&queue)));
        }
        // A repaired endpoint starts afresh.
        if endpoint || (before.suspended.is_some() && after.suspended.is_none()) {
            remove.extend(["not_before", "failures", "refusals", "throttled_since"]);
        }
        let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
        Some(update.update_expression(set + &remove))
    }

    /// The end of a queue: a touch never revives it, drain discards what is pending in it.
    pub(super) fn queue_tombstone(&self, webhook: &Webhook) -> UpdateBuilder {
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
    pub(super) fn queue_suspension(&self, webhook: &Webhook, lease: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.deliveries)
            .set_key(Some(key(queue_key(&webhook.organization, &webhook.key), QUEUE_SK)))
            .update_expression("SET held = :held, generation = :next REMOVE due_at, due_shard, lease, lease_until")
            .condition_expression("lease = :lease AND attribute_not_exists(held)")
            .expression_attribute_values(":held", text(name_of(Hold::Suspended)))
            .expression_attribute_values(":next", number(webhook.generation + 1))
            .expression_attribute_values(":lease", text(lease))
    }
}

/// The condition that nothing was touched since a count was read. A queue that a change of its webhook made has no count.
fn untouched_since(touched: u64) -> &'static str {
    if touched == 0 { " AND (attribute_not_exists(touched) OR touched = :seen)" } else { " AND touched = :seen" }
}

fn name_of(hold: Hold) -> &'static str {
    match hold {
        Hold::Paused => "paused",
        Hold::Suspended => "suspended",
        Hold::Inactive => "inactive",
        Hold::Deleted => "deleted",
    }
}
