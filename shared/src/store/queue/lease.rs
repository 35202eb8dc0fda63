//! Touching, leasing, renewing and releasing a queue, each with one conditional write; and finding due queues.

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

/// Whether a worker holds a live lease. Allows for clocks that may differ.
fn is_leased(queue: &QueueState, now: Timestamp) -> bool {
    queue.lease.as_ref().is_some_and(|(_, until)| until.0 >= now.0 - SKEW_MS)
}

impl Store {
    /// Records that deliveries were put, of which `lowest` is the lowest: counts the touch, lowers the head, and makes
    /// the queue due unless it already is or is held. Never changes what delays the queue. Needs `UpdateItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
    pub async fn touch(&self, queue: &str, lowest: EventId) -> Result<Touch, StoreError> {
        // Which write is right depends on the item. Try the usual case first, then what the refusing item shows.
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

    /// Takes the lease until `until` with one conditional write. Fails to take it if the queue has a live lease, a
    /// delay or a hold other than that of deletion. A lease for a test message ignores delay and hold, and leaves both
    /// as they are. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
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
        // A test message neither adds a held queue to the index of due queues nor recreates a deleted one.
        if purpose == LeaseFor::Delivery {
            update = update
                // If this worker dies, the queue is due again when the lease has expired.
                .set("due_at", moment(Timestamp(until.0 + SKEW_MS)))
                .set("due_shard", text(due_shard(queue)))
                .only_if(Exists("pk"))
                .only_if(Absent("not_before").or(AtMost("not_before", moment(now))))
                .only_if(open());
        }
        match self.update_item(update).await? {
            Ok(item) => Ok(Lease::Taken(Box::new(queue_of(item)?))),
            Err(item) if item.is_empty() => Ok(Lease::Held),
            // The reply to an earlier attempt was lost; that attempt took the lease.
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

    /// Renews the lease; `None` if it is lost. The head rises only if the queue was not touched meanwhile, and the
    /// health is written only if the webhook has not changed. Needs `UpdateItem` on the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
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

    /// Gives the lease back. Returns false if the worker must go on. Either the queue was touched since the count in
    /// [`Release::Empty`], and the worker keeps the lease; or the webhook was changed, and [`Release::NotBefore`] no
    /// longer applies. Returns true also if the lease is lost: another worker will release it. Needs `UpdateItem` on
    /// the Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer, or other writers keep conflicting for five seconds.
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
                // The hold has removed the due keys; ending the hold sets them again.
                Release::More | Release::NotBefore(_) if held => {
                    update.only_if(Exists("held")).only_if(IsNot("held", text(name_of(Hold::Deleted))))
                }
                Release::NotBefore(at) if same => due(update.set("not_before", moment(at)), at),
                // The wait was for an endpoint that has been replaced.
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

    /// Reads which queues and lanes of a due shard are due by `until`, the most overdue first: their keys and when each
    /// is due. Returns at most `limit`. Reads an index that may lag behind the table by moments. Needs `Query` on the
    /// Deliveries table's index `due`.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
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

    /// Reads the current state of those queues and lanes; missing ones are left out. Needs `BatchGetItem` on the
    /// Deliveries table.
    ///
    /// # Errors
    ///
    /// When DynamoDB fails or does not answer.
    pub async fn queues(&self, queues: &[String]) -> Result<HashMap<String, QueueState>, StoreError> {
        let wanted = queues.iter().map(|queue| key(queue, QUEUE_SK)).collect();
        let found = self.batch_get(&self.tables.deliveries, wanted).await?;
        found.into_iter().map(|item| Ok((text_of(&item, "pk").to_owned(), queue_of(item)?))).collect()
    }
}
