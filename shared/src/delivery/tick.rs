//! The tick: watches the index `due` and wakes drain and spread for what falls due.
//!
//! It is invoked each minute and runs for that minute. So a retry starts moments after it falls due, and a queue whose
//! worker died is picked up as soon as the lease expires. All waiting happens in this one small environment. The tick
//! never sends and never takes a lease: if it wakes drain or spread twice, or for nothing, they leave the queue at
//! once.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures_util::future::{join, join_all};

use super::{metrics::Metrics, waker::Wake};
use crate::{
    domain::{QueueState, Timestamp},
    store::{DUE_SHARDS, SKEW_MS, Store, StoreError, is_lane, organization_of},
};

/// The longest time between two looks at the index.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How far ahead a look reads the index, so that the next look can be made when something falls due.
const AHEAD: Duration = LOOK_EVERY;

/// The most keys that are read from one shard of the index. A key takes some hundred bytes.
const MOST: usize = 10_000;

/// The most queues and lanes of one organization that are woken at one look. The rest get their turn at later looks, so
/// that an organization with a thousand dead endpoints occupies a few environments and not all.
const OF_ONE_ORGANIZATION: usize = 50;

/// The most queues and lanes that are woken at one look.
const AT_ONE_LOOK: usize = 400;

/// How long after a wake drain or spread is woken again for what is still due. The wake may have been lost.
const AGAIN: Duration = Duration::from_secs(10);

/// The least time between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// How many queues of a shard are read to find the age of the oldest waiting event: this many of the most overdue, and
/// this many of those that fall due last.
const AGES: usize = 100;

/// How long the oldest waiting event of a shard has waited, in milliseconds; 0 if none waits.
#[derive(Clone, Copy, Debug, Default)]
struct Oldest {
    /// In the queues of webhooks.
    in_queues: u64,
    /// In lanes: it is still to be queued for webhooks.
    in_lanes: u64,
}

/// What is not woken for now, by key: until when, on the monotonic clock, and the due time for which it was woken or
/// found busy.
type Woken = HashMap<String, (Duration, Timestamp)>;

/// The tick function with its dependencies.
#[derive(Clone)]
pub struct Tick {
    /// The tables.
    pub store: Store,
    /// Wakes drain and spread.
    pub waker: Arc<dyn Wake>,
}

impl std::fmt::Debug for Tick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tick").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Tick {
    /// Watches the index for as long as `budget` lasts, and reports the metrics of each shard once. The first look is
    /// always made.
    ///
    /// # Errors
    ///
    /// When the index could not be read at the last look.
    pub async fn run(&self, budget: Duration) -> Result<(), StoreError> {
        let clock = self.store.clock();
        let deadline = clock.monotonic() + budget;
        let mut woken = Woken::new();
        let mut result = self.report().await;
        loop {
            let (next, looked) = self.look(&mut woken).await;
            if let Err(error) = looked {
                tracing::error!(error = %error, "the index of what is due could not be read");
                result = Err(error);
            } else if next.is_some() {
                result = Ok(());
            }
            let pause = next.unwrap_or(LOOK_EVERY).min(LOOK_EVERY);
            if clock.monotonic() + pause > deadline {
                return result;
            }
            clock.sleep(pause).await;
        }
    }

    /// Wakes drain and spread for what is due, organizations in turn. Returns how long to wait until the next look:
    /// until something falls due, at least [`LOOK_PAUSE`]; `None` if nothing is known because the index could not be
    /// read.
    async fn look(&self, woken: &mut Woken) -> (Option<Duration>, Result<(), StoreError>) {
        let (now, monotonic) = (self.store.clock().now(), self.store.clock().monotonic());
        let shards = (0..DUE_SHARDS).map(|shard| self.store.due(shard, now.plus(AHEAD), MOST));
        let (mut due, mut result) = (Vec::new(), Ok(()));
        for found in join_all(shards).await {
            match found {
                Ok(found) => due.extend(found),
                Err(error) => result = Err(error),
            }
        }
        let next = due.iter().filter(|(_, at)| *at > now).map(|(_, at)| at.since(now)).min();
        let next = next.map(|pause| pause.max(LOOK_PAUSE));
        due.retain(|(_, at)| *at <= now);
        let still: HashMap<&String, Timestamp> = due.iter().map(|(key, at)| (key, *at)).collect();
        // A queue with a new due time since it was woken is woken again.
        woken.retain(|key, (until, at)| monotonic < *until && still.get(key) == Some(at));
        let due_at: HashMap<String, Timestamp> = due.iter().cloned().collect();
        due.retain(|(key, _)| !woken.contains_key(key));
        due.sort_by_key(|(_, at)| *at);
        let chosen: Vec<String> = in_turn(due).into_iter().take(AT_ONE_LOOK).collect();
        let states = self.store.queues(&chosen).await.unwrap_or_else(|error| {
            // Wake them all: a worker that is woken for nothing leaves the queue at once.
            tracing::warn!(error = %error, "the queues that are due could not be read; all of them are woken");
            HashMap::new()
        });
        let mut ready = Vec::new();
        for key in chosen {
            let quiet = states.get(&key).and_then(|queue| busy_until(queue, now)).map(|until| until.since(now));
            if let Some(at) = due_at.get(&key) {
                woken.insert(key.clone(), (monotonic + quiet.unwrap_or(AGAIN), *at));
            }
            if quiet.is_none() {
                ready.push(key);
            }
        }
        let (lanes, queues): (Vec<_>, Vec<_>) = ready.into_iter().partition(|key| is_lane(key));
        join(self.waker.wake(&queues), self.waker.spread(&lanes, 0)).await;
        (next.or(result.is_ok().then_some(LOOK_EVERY)), result)
    }

    /// Writes the metrics: for each shard the age of the oldest waiting event, for all of them together the age of the
    /// oldest one that is still to be spread, and a heartbeat.
    async fn report(&self) -> Result<(), StoreError> {
        let now = self.store.clock().now();
        let shards = join_all((0..DUE_SHARDS).map(|shard| async move { (shard, self.shard(shard, now).await) })).await;
        let (mut result, mut in_lanes) = (Ok(()), 0);
        for (shard, found) in shards {
            match found {
                Ok(oldest) => {
                    in_lanes = oldest.in_lanes.max(in_lanes);
                    let metrics = Metrics::new(now).of("Shard", shard.to_string());
                    metrics.milliseconds("OldestWaitingMs", &[oldest.in_queues]).emit();
                }
                Err(error) => result = Err(error),
            }
        }
        if result.is_ok() {
            Metrics::new(now).count("Heartbeat", 1).milliseconds("OldestSpreadMs", &[in_lanes]).emit();
        }
        result
    }

    /// How long the oldest events of the shard have waited.
    async fn shard(&self, shard: u32, now: Timestamp) -> Result<Oldest, StoreError> {
        let all = self.store.due(shard, Timestamp(i64::MAX), MOST).await?;
        let later = all.len().saturating_sub(AGES).max(AGES.min(all.len()));
        let asked = all.iter().take(AGES).chain(&all[later..]).map(|(key, _)| key.clone());
        let asked: Vec<String> = asked.collect();
        let queues = self.store.queues(&asked).await?;
        let mut oldest = Oldest::default();
        for (key, head) in queues.iter().filter_map(|(key, queue)| Some((key, queue.head?))) {
            let place = if is_lane(key) { &mut oldest.in_lanes } else { &mut oldest.in_queues };
            *place = u64::try_from(now.since(head.time()).as_millis()).unwrap_or(u64::MAX).max(*place);
        }
        Ok(oldest)
    }
}

/// Until when the queue cannot be leased, because a worker has it or because it is delayed; `None` if it can be leased
/// now.
fn busy_until(queue: &QueueState, now: Timestamp) -> Option<Timestamp> {
    let leased = queue.lease.as_ref().map(|(_, until)| Timestamp(until.0 + SKEW_MS + 1));
    leased.into_iter().chain(queue.not_before).max().filter(|until| *until > now)
}

/// The keys in the order in which they are woken: the most overdue one of each organization, then the second of each,
/// and so on; at most [`OF_ONE_ORGANIZATION`] of each.
fn in_turn(due: Vec<(String, Timestamp)>) -> Vec<String> {
    let mut organizations: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
    let mut order = Vec::new();
    for (key, _) in due {
        let organization = organization_of(&key).to_owned();
        let queues = organizations.entry(organization.clone()).or_default();
        if queues.is_empty() {
            order.push(organization);
        }
        queues.push_back(key);
    }
    let mut all = Vec::new();
    for _ in 0..OF_ONE_ORGANIZATION {
        for organization in &order {
            all.extend(organizations.get_mut(organization).and_then(VecDeque::pop_front));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_organization_has_its_turn_and_none_more_than_its_share() {
        let many = (0..1_000).map(|number| (format!("noisy#sdelements:{number}"), Timestamp(number)));
        let few = [("quiet#sdelements:1".to_owned(), Timestamp(2_000)), ("SPREAD#quiet".to_owned(), Timestamp(2_001))];
        let order = in_turn(many.chain(few).collect());
        assert_eq!(order.len(), OF_ONE_ORGANIZATION + 2);
        assert_eq!(order[..4], ["noisy#sdelements:0", "quiet#sdelements:1", "noisy#sdelements:1", "SPREAD#quiet"]);
    }
}
