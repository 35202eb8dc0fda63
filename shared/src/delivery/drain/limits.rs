//! The limits of a worker: how long it waits, how long its lease lasts, how much it has in memory.

use std::time::Duration;

use crate::store::SKEW_MS;

/// How long a lease lasts.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// With less of the lease left than this, no request starts: it may take ten seconds and its outcome must be written.
pub(super) const MIN_LEASE_LEFT: Duration = Duration::from_secs(15);

/// With less of the invocation left than this, no request starts.
pub(super) const MIN_TIME_LEFT: Duration = Duration::from_secs(12);

/// How long an endpoint may answer nothing but 429.
pub(super) const THROTTLED_FOR: Duration = Duration::from_secs(24 * 3600);

/// After so many failures of one event the next one is probed, to tell a bad event from a bad endpoint.
pub(super) const PROBE_AFTER: usize = 5;

/// After so many refused events in a row the webhook is suspended.
pub(super) const MOST_REFUSALS: u32 = 10;

/// How many events are read at once for an endpoint that takes one a request.
pub(super) const BATCH: usize = 10;

/// The longest delay that the worker who met it waits out in place: the schedule's first, with its jitter. Every longer one costs
/// no environment; the tick wakes drain when it is over.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(6_100);

/// For how long queues that are to be handed over are gathered, so that those whose time is up together go in one invocation.
pub(super) const GATHER: Duration = Duration::from_millis(100);

/// How often a suspension is tried when the webhook is changed at the same time in something that no delivery depends on.
pub(super) const SUSPEND_TRIES: usize = 3;

/// How many bytes of events and of their attempts one queue has in memory, at the most or for two events. A hundred queues share an
/// environment.
pub(super) const IN_HAND: usize = 512 * 1024;

/// What the queues of an invocation read at the same time, in units of [`READING_UNIT`] bytes of memory. A queue whose events take
/// more than all of them reads alone.
pub(super) const READING_UNITS: u32 = 32;

/// One turn at reading, in bytes.
pub(super) const READING_UNIT: usize = 1024 * 1024;

/// After a wait as long as this the queue is looked at again before something is sent.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How far the clocks of two environments may be apart.
pub(super) const SKEW: Duration = Duration::from_millis(SKEW_MS.unsigned_abs());
