//! The counts of what an invocation of drain did, and its metrics.

use crate::{
    delivery::metrics::Metrics,
    domain::{Counts, Timestamp},
};

/// The counts and times of what an invocation of drain did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Deliveries that arrived.
    pub delivered: usize,
    /// Requests that failed.
    pub failed: usize,
    /// Deliveries that were diverted: kept aside to be listed, resent or deleted.
    pub diverted: usize,
    /// Deliveries that were discarded: ended without being delivered.
    pub discarded: usize,
    /// Deliveries that were discarded because they were pending for longer than the retention. They count as discarded
    /// too.
    pub expired: usize,
    /// Webhooks that were suspended.
    pub suspended: usize,
    /// Queues that could not be drained because of an error.
    pub undrained: usize,
    /// Webhooks that are halfway to their suspension.
    pub warned: usize,
    /// For each delivered event the time from publishing to delivery, in milliseconds.
    pub latency_ms: Vec<u64>,
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
    }

    /// What of it a queue's history counts.
    pub(super) fn counts(&self) -> Counts {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Counts { delivered: count(self.delivered), failed: count(self.failed), diverted: count(self.diverted) }
    }

    /// Adds these counts and writes their metrics at once, so that they are not lost if Lambda ends the invocation.
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
            .emit();
        self.add(happened);
    }
}
