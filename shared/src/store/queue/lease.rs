//! Each change of a queue by one conditional write.

use std::collections::HashMap;

use super::{
    Lease, LeaseFor, Release, Renewal, SKEW_MS, Touch,
    change::{name_of, open},
};
use crate::{
    domain::{EventId, Hold, QueueState, Timestamp},
    store::{
        Store, StoreError,
        condition::Condition::{self, Absent, AtMost, Below, Exists, Is, IsNot},
        keys::{QUEUE_SK, due_shard},
        records::queue_of,
        values::{Item, key, moment, moment_of, text, text_of},
        write::{Tried, Update, Write},
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
            let touch = self.queue_touch(queue, lowest, held, lower).showing_items();
            match self.try_update_item(touch).await? {
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
        let stale = moment(Timestamp(now.0 - SKEW_MS));
        let mut update = self
            .queue_update(queue)
            .showing_items()
            .set("lease", text(token))
            .set("lease_until", moment(until))
            .only_if(Absent("lease_until").or(Below("lease_until", stale)));
        // A test message leaves a held queue out of the index of what can be delivered, and brings no deleted one back.
        if purpose == LeaseFor::Delivery {
            update = update
                // If this worker dies, the queue is due again when its lease has run out.
                .set("due_at", moment(Timestamp(until.0 + SKEW_MS)))
                .set("due_shard", text(due_shard(queue)))
                .only_if(Exists("pk"))
                .only_if(Absent("not_before").or(AtMost("not_before", moment(now))))
                .only_if(open());
        }
        match self.update_item(update).await? {
            Ok(item) => Ok(Lease::Taken(Box::new(queue_of(item)?))),
            Err(item) if item.is_empty() => Ok(Lease::Held),
            // The answer to an earlier try was lost: the lease was taken by it.
            Err(item) if text_of(&item, "lease") == token => Ok(Lease::Taken(Box::new(queue_of(item)?))),
            Err(item) => {
                let found = queue_of(item)?;
                Ok(match found.not_before {
                    _ if is_leased(&found, now) => Lease::Busy,
                    _ if found.held.is_some() => Lease::Held,
                    Some(moment) => Lease::Wait(moment),
                    None => Lease::Held,
                })
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
            let mut update = self.queue_progress(queue, token, renewal, same)?;
            update = update.set("lease_until", moment(renewal.until));
            if let Some((head, touched)) = renewal.head.filter(|_| raise) {
                update = update.set("head", text(head.to_string())).only_if(Condition::counts("touched", touched));
            }
            match self.try_update_item(update).await? {
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
            let update = self.queue_progress(queue, token, renewal, same)?.remove(["lease", "lease_until"]);
            let due = |update: Write<Update>, at| {
                let update = update.set("due_at", moment(at)).set("due_shard", text(due_shard(queue)));
                update.only_if(open())
            };
            let update = match release {
                Release::Empty { touched } => {
                    let update = update.remove(["due_at", "due_shard", "head", "not_before"]);
                    update.only_if(Condition::counts("touched", touched))
                }
                Release::AsItWas => update,
                // The hold has removed the due keys; its release sets them.
                Release::More | Release::NotBefore(_) if held => {
                    update.only_if(Exists("held")).only_if(IsNot("held", text(name_of(Hold::Deleted))))
                }
                Release::NotBefore(at) if same => due(update.set("not_before", moment(at)), at),
                // What was to be waited for was another endpoint's.
                Release::More | Release::NotBefore(_) => due(update.remove(["not_before"]), self.clock.now()),
            };
            match self.try_update_item(update).await? {
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
        let of = [Is("due_shard", text(shard.to_string())), AtMost("due_at", moment(until))];
        let query = self.query_index(&self.tables.deliveries, "due", of);
        let (items, _) = query.first(limit, None).await?;
        let due = |item: &Item| Some((text_of(item, "pk").to_owned(), moment_of(item, "due_at")?));
        Ok(items.iter().filter_map(due).collect())
    }

    /// Those queues and lanes as they are, as far as they exist. Needs `BatchGetItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn queues(&self, queues: &[String]) -> Result<HashMap<String, QueueState>, StoreError> {
        let wanted = queues.iter().map(|queue| key(queue, QUEUE_SK)).collect();
        let found = self.batch_get(&self.tables.deliveries, wanted).await?;
        found.into_iter().map(|item| Ok((text_of(&item, "pk").to_owned(), queue_of(item)?))).collect()
    }
}
