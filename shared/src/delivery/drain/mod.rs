//! Draining queues: sending what is pending, in order, one worker at a time for each webhook.

mod judge;
mod own_policy;
mod patience;
mod resend;
mod sweep;
mod worker;

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use super::{
    metrics::Metrics,
    sender::Sender,
    waker::{Command, QUEUES_AN_INVOCATION, Wake},
};
use crate::{
    domain::Clock,
    store::{QueueStore as _, Store, StoreError},
};
use worker::Worker;

/// What drain works with.
#[derive(Clone)]
pub struct Drain {
    /// The tables.
    pub store: Store,
    /// Who sends.
    pub sender: Arc<dyn Sender>,
    /// Who wakes further drains.
    pub waker: Arc<dyn Wake>,
}

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain").field("store", &self.store).finish_non_exhaustive()
    }
}

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
    fn add(&mut self, other: Self) {
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
}

/// How many queues read events at the same time. Before it is known how large they are, each read may be of 5 MB.
const READING_AT_ONCE: usize = 8;

/// The most queues that a tick reads from its shard of the index.
const DUE_AT_ONCE: i32 = 1_000;

impl Drain {
    /// Carries out a command within `budget`: all its queues at the same time, so that none waits for another.
    ///
    /// # Errors
    ///
    /// When the queues that are due cannot be read. A queue that fails is logged, counted and left to the next tick.
    pub async fn run(&self, command: Command, budget: Duration) -> Result<Tally, StoreError> {
        let deadline = self.store.clock().monotonic() + budget;
        let mut queues = match command {
            Command::Wake(queues) => queues,
            Command::Tick { shard } => self.store.due(shard, self.store.clock().now(), DUE_AT_ONCE).await?,
        };
        queues.sort();
        queues.dedup();
        if queues.len() > QUEUES_AN_INVOCATION {
            self.waker.wake(&queues.split_off(QUEUES_AN_INVOCATION)).await;
        }
        let reading = &Semaphore::new(READING_AT_ONCE);
        let workers = stream::iter(&queues).map(|queue| async move {
            let mut tally = Tally::default();
            if let Err(error) = Worker::drain(self, queue, deadline, reading, &mut tally).await {
                tracing::error!(queue, error = %error, "a queue could not be drained; it stays due");
                tally.undrained = 1;
            }
            tally
        });
        let mut total = Tally::default();
        for tally in workers.buffer_unordered(QUEUES_AN_INVOCATION).collect::<Vec<_>>().await {
            total.add(tally);
        }
        self.report(&total);
        Ok(total)
    }

    fn report(&self, tally: &Tally) {
        Metrics::new(self.store.clock().now())
            .count("Delivered", tally.delivered)
            .count("Failed", tally.failed)
            .count("Diverted", tally.diverted)
            .count("Discarded", tally.discarded)
            .count("Expired", tally.expired)
            .count("Suspended", tally.suspended)
            .count("Undrained", tally.undrained)
            .count("HalfwayToSuspension", tally.warned)
            .milliseconds("DeliveryLatencyMs", &tally.latency_ms)
            .milliseconds("QueueAgeMs", &tally.queue_age_ms)
            .emit();
    }

    fn clock(&self) -> &dyn Clock {
        self.store.clock().as_ref()
    }
}
