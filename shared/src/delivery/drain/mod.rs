//! Draining queues: sending what is pending, in order, one worker at a time for each webhook.

mod judge;
mod own_policy;
mod patience;
mod resend;
mod sweep;
mod worker;

use std::{sync::Arc, time::Duration};

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream,
};
use tokio::sync::Semaphore;

use super::{
    metrics::Metrics,
    sender::Sender,
    waker::{Command, QUEUES_AN_INVOCATION, Wake},
};
use crate::{
    domain::{Clock, Timestamp},
    store::Store,
};
use patience::{GATHER, MAX_HANDOVERS, READING_UNITS};
use worker::{Left, Worker};

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

    /// Counts what has just happened and writes its metrics at once: an invocation that Lambda ends has reported all it did.
    fn note(&mut self, now: Timestamp, happened: Self) {
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

impl Drain {
    /// Carries out a command within `budget`: all its queues at the same time, so that none waits for another. Queues that have
    /// more to send when the time is up are handed over to further invocations.
    ///
    /// A queue that fails is logged, counted and left to the tick.
    pub async fn run(&self, command: Command, budget: Duration) -> Tally {
        let deadline = self.clock().monotonic() + budget;
        let (mut queues, chain) = match command {
            Command::Wake(queues) => (queues, 0),
            Command::HandOver { queues, chain } => (queues, chain),
        };
        queues.sort();
        queues.dedup();
        let reading = &Semaphore::new(usize::try_from(READING_UNITS).unwrap_or(1));
        let workers = stream::iter(&queues).map(|queue| async move {
            let mut tally = Tally::default();
            let left = match Worker::drain(self, queue, deadline, reading, &mut tally).await {
                Ok(left) => left,
                Err(error) => {
                    tracing::error!(queue, error = %error, "a queue could not be drained; it stays due");
                    tally.note(self.clock().now(), Tally { undrained: 1, ..Tally::default() });
                    Left::Alone
                }
            };
            (queue, left, tally)
        });
        let mut workers = std::pin::pin!(workers.buffer_unordered(QUEUES_AN_INVOCATION));
        let (mut total, mut over) = (Tally::default(), Vec::new());
        let mut gathered = None;
        loop {
            let ended = match gathered.take() {
                None => workers.next().await,
                Some(pause) => match select(workers.next(), pause).await {
                    Either::Left((ended, pause)) => {
                        gathered = Some(pause);
                        ended
                    }
                    Either::Right(_) => {
                        self.hand_over(std::mem::take(&mut over), chain).await;
                        continue;
                    }
                },
            };
            let Some((queue, left, tally)) = ended else { break };
            total.add(tally);
            if left == Left::More {
                over.push(queue.clone());
                gathered = gathered.or_else(|| Some(self.clock().sleep(GATHER)));
            }
        }
        self.hand_over(over, chain).await;
        total
    }

    /// Wakes drain for queues that have more to send, unless that has gone on for so long that it must be a mistake: then they
    /// are left to the tick.
    async fn hand_over(&self, queues: Vec<String>, chain: u32) {
        if queues.is_empty() {
            return;
        }
        if chain >= MAX_HANDOVERS {
            tracing::warn!(queue.count = queues.len(), "queues were handed over too often in a row; they stay due");
            return;
        }
        self.waker.hand_over(&queues, chain + 1).await;
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        self.store.clock()
    }
}
