//! Fan-out: turns a batch of records from the Events table's stream into pending deliveries.
//!
//! It never makes an outbound request, and it checks only the form and size of an event's data, so neither an endpoint
//! nor a payload can hold up the shard. The work for one record is bounded: an event that many webhooks want becomes a
//! spread task, which [`super::Spread`] works on outside the stream. Processing a record again adds no delivery, but
//! touches each queue in which its delivery is still pending, so a crash between put and touch strands nothing.

mod read;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{
    StreamExt as _,
    future::{join, join_all},
    stream,
};

pub use read::Batch;
use read::{Accepted, Reading, read};

use super::{
    metrics::Metrics,
    queueing::{Audience, Entry, audience, look_ups, put_tasks, queue_or_leave},
    waker::Wake,
};
use crate::{
    domain::{OrganizationId, Timestamp, WebhookKey},
    encoding::sha256_hex,
    store::{LaneState, Store, StoreError, lane_key, queue_key},
};

/// How many queues, and how many lanes, are written to at the same time.
const AT_ONCE: usize = 32;

/// About how many deliveries are put in one chunk. After each chunk its queues are touched and drain is woken.
const CHUNK: usize = 100;

/// With less of its time left than this, fan-out starts no further chunk. It reports the remaining records as failed,
/// so the stream delivers them again.
const MIN_TIME_LEFT: Duration = Duration::from_secs(10);

/// The key by which an event's audience is looked up, once per batch: organization, project and event type.
type Interest = (OrganizationId, Option<String>, String);

/// The audiences and lanes that were looked up for this batch so far. `None` stands for a look-up that failed.
#[derive(Default)]
struct Known {
    audiences: HashMap<Interest, Option<Audience>>,
    lanes: HashMap<OrganizationId, Option<LaneState>>,
}

/// Queues the events of a batch for the webhooks that want them and wakes drain, within `budget`. The response lists
/// the records that the stream must deliver again: those for which DynamoDB failed, and those for which no time was
/// left.
pub async fn fan_out(store: &Store, waker: &dyn Wake, batch: Batch, budget: Duration) -> DynamoDbEventResponse {
    let deadline = store.clock().monotonic() + budget;
    let mut failed = BTreeSet::new();
    let mut accepted = Vec::new();
    for record in &batch.records {
        match read(record) {
            Reading::Event(event) => accepted.push(*event),
            Reading::NotNew => {}
            Reading::Poison { id, reason } => {
                // A record without a sequence number is named by its hash.
                let name = if id.is_empty() { sha256_hex(record.get().as_bytes()) } else { id.clone() };
                if let Err(error) = quarantine(store, &name, &reason, record.get()).await {
                    tracing::error!(record.sequence = id, error = %error, "a record could not be quarantined");
                    failed.insert(id);
                }
            }
        }
    }
    let mut rest = accepted.as_slice();
    let known = Known::default();
    let mut run =
        Run { store, waker, again: batch.again, known, spreading: BTreeSet::new(), failed, blocked: BTreeSet::new() };
    let mut begun = false;
    while !rest.is_empty() {
        // The first chunk is always tried. Otherwise the batch would never make progress.
        if std::mem::replace(&mut begun, true) && store.clock().monotonic() + MIN_TIME_LEFT > deadline {
            tracing::warn!(record.count = rest.len(), "out of time; the stream redelivers the rest of the batch");
            run.failed.extend(rest.iter().map(|record| record.sequence.clone()));
            break;
        }
        let known = run.look_up(rest).await;
        let (chunk, later) = rest.split_at(run.chunk(&rest[..known]));
        run.queue(chunk).await;
        rest = later;
    }
    report(&run.failed)
}

fn report(failed: &BTreeSet<String>) -> DynamoDbEventResponse {
    let item = |sequence: &String| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence.clone());
        failure
    };
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failed.iter().map(item).collect();
    response
}

async fn quarantine(store: &Store, id: &str, reason: &str, record: &str) -> Result<(), StoreError> {
    // The reason may quote the record, so it is stored in the quarantined item and not logged.
    tracing::error!(record.sequence = id, "a record can never be processed and is quarantined");
    Metrics::new(store.clock().now()).count("Quarantined", 1).emit();
    // The record's text may be longer than the 400 KB that an item can have.
    let text: String = record.chars().take(90_000).collect();
    store.quarantine(id, reason, &text).await
}

fn interest_of(record: &Accepted) -> Interest {
    (record.organization.clone(), record.project.clone(), record.event_type.clone())
}

/// The work on one batch.
struct Run<'a> {
    store: &'a Store,
    waker: &'a dyn Wake,
    /// Whether the batch is a replay ([`Batch::again`]).
    again: bool,
    known: Known,
    /// Organizations whose later events queue behind a spread task.
    spreading: BTreeSet<OrganizationId>,
    /// The sequence numbers of the records that the stream must deliver again.
    failed: BTreeSet<String>,
    /// Partitions of the Events table in which a record failed. Later records of the same partition must not overtake
    /// it.
    blocked: BTreeSet<String>,
}

/// What to write for a chunk of records.
#[derive(Default)]
struct Plan<'r> {
    /// The entries to queue for each webhook, each with its record.
    queues: BTreeMap<(OrganizationId, WebhookKey), Vec<(Entry, &'r Accepted)>>,
    /// The entries that become spread tasks in each organization's lane, each with its record.
    tasks: BTreeMap<OrganizationId, Vec<(Entry, &'r Accepted)>>,
}

impl Run<'_> {
    /// Looks up the audiences and lanes of the next records. Returns for how many records, counted from the first, the
    /// audience has been looked up.
    async fn look_up(&mut self, rest: &[Accepted]) -> usize {
        let is_known = |interest: &Interest| self.known.audiences.contains_key(interest);
        let (interests, count) = look_ups(rest, interest_of, is_known);
        let store = self.store;
        let organizations: BTreeSet<OrganizationId> = interests.iter().map(|interest| interest.0.clone()).collect();
        let audiences = join_all(interests.into_iter().map(|interest| async move {
            let found = audience(store, &interest.0, interest.1.as_deref(), &interest.2).await;
            (interest, found)
        }));
        let audiences = audiences.await;
        // Lanes are read after the audiences: a webhook that unsubscribed before its audience was read has left a trace
        // in the lane.
        let lanes = join_all(organizations.into_iter().map(|organization| async move {
            let found = store.lane_state(&organization).await;
            (organization, found)
        }));
        let lanes = lanes.await;
        for (interest, found) in audiences {
            let log =
                |error| tracing::error!(organization.id = %interest.0, error = %error, "subscribers could not be read");
            let audience = found.map_err(log).ok();
            self.known.audiences.insert(interest, audience);
        }
        for (organization, found) in lanes {
            let log =
                |error| tracing::error!(organization.id = %organization, error = %error, "a lane could not be read");
            let lane = found.map_err(log).ok();
            self.known.lanes.insert(organization, lane);
        }
        count
    }

    /// How many of the next records make a chunk: as many as give at most [`CHUNK`] deliveries, but at least one.
    fn chunk(&self, rest: &[Accepted]) -> usize {
        let mut deliveries = 0;
        let within = |record: &&Accepted| {
            deliveries += match self.known.audiences.get(&interest_of(record)) {
                Some(Some(Audience::Few(webhooks))) => webhooks.len(),
                _ => 1,
            };
            deliveries <= CHUNK
        };
        rest.iter().take_while(within).count().max(1)
    }

    /// Puts the deliveries and spread tasks of a chunk, touches their queues and lanes, and wakes drain and spread.
    async fn queue(&mut self, chunk: &[Accepted]) {
        let plan = self.plan(chunk);
        let (store, again) = (self.store, self.again);
        let known = &self.known;
        let queued = stream::iter(plan.queues).map(|((organization, webhook), mut entries)| async move {
            let lane = known.lanes.get(&organization).and_then(Option::as_ref);
            let late = lane.is_some_and(|lane| lane.late.contains(&webhook));
            entries.sort_by_key(|(entry, _)| entry.event);
            let (entries, records): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            let outcome = queue_or_leave(store, &organization, &webhook, &entries, late).await;
            (organization, webhook, records, outcome)
        });
        let tasks = stream::iter(plan.tasks).map(|(organization, mut entries)| async move {
            entries.sort_by_key(|(entry, _)| entry.event);
            let (entries, records): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            let lane = lane_key(&organization);
            let put = put_tasks(store, &lane, entries.iter().map(|entry| entry.task(None)), again).await;
            (lane, records, put)
        });
        let (queued, tasks) = join(
            queued.buffer_unordered(AT_ONCE).collect::<Vec<_>>(),
            tasks.buffer_unordered(AT_ONCE).collect::<Vec<_>>(),
        )
        .await;
        let (mut due, mut lanes) = (Vec::new(), Vec::new());
        for (organization, webhook, records, outcome) in queued {
            let queue = queue_key(&organization, &webhook);
            lanes.extend(outcome.lane);
            if let Some((from, error)) = outcome.failed {
                tracing::error!(queue, error = %error, "events could not be queued");
                fail(&mut self.failed, &mut self.blocked, &records[from..]);
            }
            if outcome.wake {
                due.push(queue);
            }
            if outcome.late
                && let Some(Some(lane)) = self.known.lanes.get_mut(&organization)
            {
                lane.late.insert(webhook);
            }
        }
        for (lane, records, put) in tasks {
            match put {
                Ok(wake) => lanes.extend(wake.then_some(lane)),
                Err(error) => {
                    tracing::error!(lane, error = %error, "spread tasks could not be put");
                    fail(&mut self.failed, &mut self.blocked, &records);
                }
            }
        }
        due.sort();
        join(self.waker.wake(&due), self.waker.spread(&lanes, 0)).await;
    }

    fn plan<'r>(&mut self, chunk: &'r [Accepted]) -> Plan<'r> {
        let mut plan = Plan::default();
        for record in chunk {
            let interest = interest_of(record);
            let audience = self.known.audiences.get(&interest).and_then(Option::as_ref);
            let lane = self.known.lanes.get(&record.organization).and_then(Option::as_ref);
            let (Some(audience), Some(lane), false) = (audience, lane, self.blocked.contains(&record.partition)) else {
                fail(&mut self.failed, &mut self.blocked, &[record]);
                continue;
            };
            let behind = lane.busy || self.spreading.contains(&record.organization);
            match audience {
                Audience::Few(webhooks) if !behind => {
                    for webhook in webhooks.iter().filter(|webhook| record.about.as_ref() != Some(*webhook)) {
                        let queue = (record.organization.clone(), webhook.clone());
                        plan.queues.entry(queue).or_default().push((entry_of(record, false), record));
                    }
                }
                _ => {
                    self.spreading.insert(record.organization.clone());
                    plan.tasks.entry(record.organization.clone()).or_default().push((entry_of(record, false), record));
                }
            }
            for webhook in former(lane, audience, record.event.time()) {
                let queue = (record.organization.clone(), webhook.clone());
                plan.queues.entry(queue).or_default().push((entry_of(record, true), record));
            }
        }
        plan
    }
}

fn fail(failed: &mut BTreeSet<String>, blocked: &mut BTreeSet<String>, records: &[&Accepted]) {
    for record in records {
        failed.insert(record.sequence.clone());
        blocked.insert(record.partition.clone());
    }
}

fn entry_of(record: &Accepted, former: bool) -> Entry {
    Entry {
        event: record.event,
        partition: record.partition.clone(),
        project: record.project.clone(),
        event_type: record.event_type.clone(),
        weight: record.weight,
        about: record.about.clone(),
        former,
    }
}

/// The webhooks that no longer want the event, but may have wanted it when it was accepted.
fn former<'l>(lane: &'l LaneState, audience: &Audience, accepted: Timestamp) -> impl Iterator<Item = &'l WebhookKey> {
    let wanted: BTreeSet<WebhookKey> = match audience {
        Audience::Few(webhooks) => webhooks.iter().cloned().collect(),
        Audience::Many => BTreeSet::new(),
    };
    lane.former_at(accepted).filter(move |webhook| !wanted.contains(*webhook))
}
