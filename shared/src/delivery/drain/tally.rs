//! What an invocation of drain did, and its metrics.

use crate::{delivery::metrics::Metrics, domain::Timestamp};

/// What an invocation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Deliveries answered 2xx.
    pub delivered: usize,
    /// Requests that failed.
    pub failed: usize,
    /// Deliveries kept aside.
    pub diverted: usize,
    /// Deliveries ended without being delivered.
    pub discarded: usize,
    /// Of those, the ones that were pending for longer than the retention.
    pub expired: usize,
    /// Webhooks suspended.
    pub suspended: usize,
    /// Queues that could not be drained.
    pub undrained: usize,
    /// Webhooks that came half way to their suspension.
    pub warned: usize,
    /// From publishing to delivery, of those delivered.
    pub latency_ms: Vec<u64>,
    /// How old the oldest pending event of each queue was.
    pub queue_age_ms: Vec<u64>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.diverted += other.diverted;
        self.discarded += other.discarded;
        self.expired += other.expired;
        self.suspended += other.suspended;
        self.undrained += other.undrained;
        self.warned += other.warned;
        self.latency_ms.extend(other.latency_ms);
        self.queue_age_ms.extend(other.queue_age_ms);
    }

    /// Counts what has just happened and writes its metrics at once: an invocation that Lambda ends has reported all it did.
    pub(super) fn note(&mut self, now: Timestamp, happened: Self) {
        Metrics::new(now)
            .count("Delivered", happened.delivered)
            .count("Failed", happened.failed)
            .count("Diverted", happened.diverted)
            .count("Discarded", happened.discarded)
            .count("Expired", happened.expired)
            .count("Suspended", happened.suspended)
            .count("Undrained", happened.undrained)
            .count("HalfwayToSuspension", happened.warned)
            .milliseconds("DeliveryLatencyMs", &happened.latency_ms)
            .milliseconds("QueueAgeMs", &happened.queue_age_ms)
            .emit();
        self.add(happened);
    }
}
