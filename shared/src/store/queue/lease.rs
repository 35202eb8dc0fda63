//! Each change of a queue by one conditional write.

use std::collections::HashMap;

use super::{Lease, LeaseFor, Release, Renewal, SKEW_MS, Touch, touch_expressions};
use crate::{
    domain::{EventId, Hold, QueueState, Timestamp},
    store::{
        Store, StoreError,
        error::failed,
        keys::{QUEUE_SK, due_shard},
        records::queue_of,
        retry::Tried,
        values::{Item, key, moment, moment_of, number, text, text_of},
    },
};

/// Whether some worker's lease is live; clocks may differ.
fn is_leased(queue: &QueueState, now: Timestamp) -> bool {
    queue.lease.as_ref().is_some_and(|(_, until)| until.0 >= now.0 - SKEW_MS)
}

impl Store {
    /// Says that deliveries were put, the lowest of them `lowest`: counts the touch, lowers the head, and makes the queue due
    /// unless it is already or is held. Never moves what delays it. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn touch(&self, queue: &str, lowest: EventId) -> Result<Touch, StoreError> {
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
                Tried::Done(Ok(_)) if held => return Ok(Touch::Held),
                Tried::Done(Ok(item)) => {
                    let (queue, now) = (queue_of(item)?, self.clock.now());
                    let later = is_leased(&queue, now) || queue.not_before.is_some_and(|at| at > now);
                    return Ok(if later { Touch::Later } else { Touch::Due });
                }
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

    /// Takes the lease until `until`, in one conditional write: no live lease, no delay, no hold (but that of deletion).
    /// A lease for a test message takes no notice of delay and hold, and leaves them as they are. Needs
    /// `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn lease(
        &self,
        queue: &str,
        token: &str,
        until: Timestamp,
        purpose: LeaseFor,
    ) -> Result<Lease, StoreError> {
        let now = self.clock.now();
        let free = "attribute_exists(pk) AND (attribute_not_exists(lease_until) OR lease_until < :stale)";
        let mut update =
            self.update_queue(queue).expression_attribute_values(":stale", moment(Timestamp(now.0 - SKEW_MS)));
        update = update.expression_attribute_values(":token", text(token));
        update = update.expression_attribute_values(":until", moment(until));
        let update = if purpose == LeaseFor::TestMessage {
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
                // The answer to an earlier try was lost: the lease was taken by it.
                Tried::Done(Err(item)) if text_of(&item, "lease") == token => {
                    return Ok(Lease::Taken(Box::new(queue_of(item)?)));
                }
                Tried::Done(Err(item)) => {
                    let found = queue_of(item)?;
                    return Ok(match found.not_before {
                        _ if is_leased(&found, now) => Lease::Busy,
                        _ if found.held.is_some() => Lease::Held,
                        Some(moment) => Lease::Wait(moment),
                        None => Lease::Held,
                    });
                }
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    /// Keeps the lease; `None` if it is lost. The head rises only if nothing was touched meanwhile, and the health is written
    /// only if the webhook is what it was. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn renew(&self, queue: &str, token: &str, renewal: &Renewal) -> Result<Option<QueueState>, StoreError> {
        let (mut raise, mut same) = (renewal.head.is_some(), true);
        let start = self.clock.monotonic();
        loop {
            let mut change = self.progress(queue, token, renewal, same);
            change.set("lease_until = :until", ":until", moment(renewal.until));
            if let Some((head, touched)) = renewal.head.filter(|_| raise) {
                change.set("head = :head", ":head", text(head.to_string()));
                change.untouched_since(touched);
            }
            match self.try_update(change.build()).await? {
                Tried::Done(Ok(item)) => return Ok(Some(queue_of(item)?)),
                Tried::Done(Err(item)) if text_of(&item, "lease") != token => return Ok(None),
                Tried::Done(Err(item)) => {
                    let found = queue_of(item)?;
                    raise &= renewal.head.is_some_and(|(_, touched)| found.touched == touched);
                    same = renewal.is_of(found.generation);
                }
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    /// Gives the lease back. False if the worker must go on: the queue was touched since the count of [`Release::Empty`], and
    /// the lease is kept; or the webhook was changed, so that [`Release::NotBefore`] delays nothing. True also if the lease is
    /// lost, since then it is another worker's to release. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer or others keep conflicting.
    pub async fn release(
        &self,
        queue: &str,
        token: &str,
        release: Release,
        renewal: &Renewal,
    ) -> Result<bool, StoreError> {
        let (mut held, mut same) = (false, true);
        let start = self.clock.monotonic();
        loop {
            let mut change = self.progress(queue, token, renewal, same);
            change.remove(&["lease", "lease_until"]);
            match release {
                Release::Empty { touched } => {
                    change.remove(&["due_at", "due_shard", "head", "not_before"]);
                    change.untouched_since(touched);
                }
                Release::AsItWas => {}
                // The hold has removed the due keys; its release sets them.
                Release::More | Release::NotBefore(_) if held => {
                    change.require("attribute_exists(held) AND held <> :deleted");
                }
                Release::NotBefore(at) if same => {
                    change.set("not_before = :due, due_at = :due", ":due", moment(at));
                    change.unheld(queue);
                }
                // What was to be waited for was another endpoint's.
                Release::More | Release::NotBefore(_) => {
                    change.set("due_at = :due", ":due", moment(self.clock.now()));
                    change.remove(&["not_before"]);
                    change.unheld(queue);
                }
            }
            match self.try_update(change.build()).await? {
                Tried::Done(Ok(_)) => return Ok(same || !matches!(release, Release::NotBefore(_))),
                Tried::Done(Err(item)) if text_of(&item, "lease") != token => return Ok(true),
                Tried::Done(Err(item)) => {
                    let found = queue_of(item)?;
                    if matches!(release, Release::Empty { touched } if touched != found.touched) {
                        return Ok(false);
                    }
                    held = found.held.is_some_and(|hold| hold != Hold::Deleted);
                    same = renewal.is_of(found.generation);
                }
                Tried::Conflict => self.pause_for_conflict(start).await?,
            }
        }
    }

    /// What is due by `until` in a due shard, the most overdue first: queues and lanes of spread tasks, by their keys, each
    /// with the moment it is due. At most `limit` of them, by reads of the index, which follows the table within moments.
    /// Needs `Query` on the Deliveries table's index `due`.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn due(
        &self,
        shard: u32,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let (mut found, mut start) = (Vec::new(), None);
        while found.len() < limit {
            let query = self.client.query().table_name(&self.tables.deliveries).index_name("due");
            let query = query.key_condition_expression("due_shard = :shard AND due_at <= :until");
            let query = query.expression_attribute_values(":shard", text(shard.to_string()));
            let query = query.expression_attribute_values(":until", moment(until)).set_exclusive_start_key(start);
            let left = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let page = query.limit(left).send().await.map_err(|error| failed(&error))?;
            let due = |item: &Item| Some((text_of(item, "pk").to_owned(), moment_of(item, "due_at")?));
            found.extend(page.items.unwrap_or_default().iter().filter_map(due));
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Those queues and lanes as they are, as far as they exist. Needs `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn queues(&self, queues: &[String]) -> Result<HashMap<String, QueueState>, StoreError> {
        let mut found = HashMap::new();
        for part in queues.chunks(100) {
            let wanted = part.iter().map(|queue| key(queue, QUEUE_SK)).collect();
            for item in self.batch_get(&self.tables.deliveries, wanted).await? {
                found.insert(text_of(&item, "pk").to_owned(), queue_of(item)?);
            }
        }
        Ok(found)
    }
}
