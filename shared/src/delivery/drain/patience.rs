//! How long a worker may wait in place, and how long its lease lasts.

use std::time::Duration;

/// How long a lease lasts.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// With less of the lease left than this, no request starts: it may take ten seconds and its outcome must be written.
pub(super) const LEAST_LEFT: Duration = Duration::from_secs(15);

/// With less of the invocation left than this, no request starts.
pub(super) const LAST_START: Duration = Duration::from_secs(12);

/// How long an endpoint may answer nothing but 429.
pub(super) const THROTTLED_FOR: Duration = Duration::from_secs(24 * 3600);

/// After so many failures of one event the next one is probed, to tell a bad event from a bad endpoint.
pub(super) const PROBE_AFTER: usize = 5;

/// After so many refused events in a row the webhook is suspended.
pub(super) const MOST_REFUSALS: u32 = 10;

/// How many events are read at once for an endpoint that takes one a request.
pub(super) const BATCH: usize = 10;
