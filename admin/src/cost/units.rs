//! How much of everything an event and a delivery take. What is measured says where; the rest are estimates.

/// The part of an event's item besides its data, in KB.
pub const EVENT_REST_KB: f64 = 0.3;

/// Write units of an event in a project: the item and its entry in the index `project`, by whole KB.
/// `tests/admin/cost.rs` compares it with what DynamoDB reports.
#[must_use]
pub fn event_writes(data_kb: f64) -> f64 {
    2.0 * (data_kb + EVENT_REST_KB).ceil()
}

/// Write units of the Deliveries table for a delivery, of which so many come at once for the same webhook. 10 for one alone,
/// 2.12 in bursts of a hundred (`tests/delivery/fairness.rs`, docs/performance.md).
#[must_use]
pub fn delivery_writes(burst: f64) -> f64 {
    2.04 + 7.96 / burst
}

/// Read units of drain for a delivery: 4 for one alone, 1.2 in bursts of a hundred.
#[must_use]
pub fn delivery_reads(burst: f64) -> f64 {
    1.17 + 2.83 / burst
}

/// Read units to find an event's subscribers, for each batch of the stream.
pub const SUBSCRIBER_READS: f64 = 5.0;

/// Write units of a spread task and its lane: put, touch, lease, progress, release, with the index `due`. An estimate.
pub const TASK_WRITES: f64 = 10.0;

/// Memory of the function that accepts events, in GB, and its time, in ms.
pub const PUBLISH_GB: f64 = 0.25;
/// See [`PUBLISH_GB`].
pub const PUBLISH_MS: f64 = 20.0;

/// The most records of the stream in a batch.
pub const STREAM_BATCH: f64 = 100.0;

/// Up to how many webhooks fan-out queues an event for; for more, spread does.
pub const NARROW: f64 = 25.0;

/// Memory of fan-out, in GB; its time for one delivery, and for each further one, in ms (docs/performance.md).
pub const FAN_OUT_GB: f64 = 1.0;
/// See [`FAN_OUT_GB`].
pub const FAN_OUT_MS: f64 = 45.0;
/// See [`FAN_OUT_GB`].
pub const PUT_MS: f64 = 0.5;

/// Memory of spread, in GB; its time for a task, and for each delivery, in ms (docs/performance.md).
pub const SPREAD_GB: f64 = 1.769;
/// See [`SPREAD_GB`].
pub const SPREAD_MS: f64 = 60.0;
/// See [`SPREAD_GB`].
pub const SPREAD_PUT_MS: f64 = 1.0;

/// Memory of drain, in GB; its time around the requests, and for each request, in ms.
pub const DRAIN_GB: f64 = 0.5;
/// See [`DRAIN_GB`].
pub const DRAIN_MS: f64 = 200.0;
/// See [`DRAIN_GB`].
pub const REQUEST_MS: f64 = 100.0;

/// How long a request to a slow endpoint takes, in ms: as long as it may.
pub const SLOW_MS: f64 = 10_000.0;

/// The most queues that one wake hands to an invocation of drain, which works on all at the same time.
pub const QUEUES_A_DRAIN: f64 = 100.0;

/// KB of log for a delivery, besides one KB for each invocation.
pub const DELIVERY_LOG_KB: f64 = 0.1;

/// KB that a finished delivery takes in its table.
pub const DELIVERY_KB: f64 = 0.4;

/// The share of a function's invocations that are traced, at so many a second: the first of each second, and one in twenty
/// of the others. At less than one a second that is every one.
#[must_use]
pub fn sampled(per_second: f64) -> f64 {
    if per_second <= 1.0 { 1.0 } else { (1.0 + 0.05 * (per_second - 1.0)) / per_second }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilobyte_of_data_is_four_write_units() {
        assert_eq!([0.5, 1.0, 2.0, 10.0].map(event_writes), [2.0, 4.0, 6.0, 22.0]);
        assert_eq!((delivery_writes(1.0), (delivery_writes(100.0) * 100.0).round()), (10.0, 212.0));
        assert_eq!((sampled(0.1), sampled(1.0), (sampled(101.0) * 1000.0).round()), (1.0, 1.0, 59.0));
    }
}
