//! The limits of a worker: how long it waits, how long its lease lasts, and how much it keeps in memory.

use std::time::Duration;

use crate::store::SKEW_MS;

/// How long the lease of a queue lasts. It is renewed between requests.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// With less of the lease left than this, no request starts. A request may take ten seconds, and then its outcome must
/// be stored.
pub(super) const MIN_LEASE_LEFT: Duration = Duration::from_secs(15);

/// With less of the invocation's time left than this, no request starts.
pub(super) const MIN_TIME_LEFT: Duration = Duration::from_secs(12);

/// How long an endpoint may answer nothing but 429 before its webhook is suspended or its failure policy applies.
pub(super) const THROTTLED_FOR: Duration = Duration::from_secs(24 * 3600);

/// After this many failures of one event, the event behind it is sent as a probe, to tell a bad event from a bad
/// endpoint.
pub(super) const PROBE_AFTER: usize = 5;

/// After this many refused events in a row, the webhook is suspended.
pub(super) const MOST_REFUSALS: u32 = 10;

/// How many deliveries are read at once for an endpoint that gets one event per request.
pub(super) const BATCH: usize = 10;

/// The longest delay that a worker waits for in place: the first of the retry schedule, with its jitter. For a longer
/// delay the worker ends, and the tick wakes drain when it is over.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(6_100);

/// How long to collect queues before handing them over, so that queues whose time is up together go into one
/// invocation.
pub(super) const GATHER: Duration = Duration::from_millis(100);

/// How many times a suspension is tried if the webhook is changed at the same time in a way that does not affect
/// delivery.
pub(super) const SUSPEND_TRIES: usize = 3;

/// How many bytes of events and of their attempts' texts one queue keeps in memory, at most, unless two events take
/// more. A hundred queues share an environment.
pub(super) const IN_HAND: usize = 512 * 1024;

/// How much memory all queues of an invocation together use to read events at the same time, in units of
/// [`READING_UNIT`]. A queue whose events need more than that reads alone.
pub(super) const READING_UNITS: u32 = 32;

/// The bytes of memory that one permit to read events stands for.
pub(super) const READING_UNIT: usize = 1024 * 1024;

/// If reading events or storing results takes at least this long, the queue is looked at again before the next request.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// By how much the clocks of two environments may differ.
pub(super) const SKEW: Duration = Duration::from_millis(SKEW_MS.unsigned_abs());
