//! One invocation of drain, which works on all its queues at the same time.

use std::time::Duration;

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream,
};
use tokio::sync::Semaphore;

use super::{
    Drain, Tally,
    left::Left,
    limits::{GATHER, READING_UNITS},
    worker::Worker,
};
use crate::delivery::waker::{Command, MAX_HANDOVERS, QUEUES_AN_INVOCATION};

impl Drain {
    /// Drains the command's queues within `budget`, all at the same time, so that none waits for another. Queues with
    /// more to send when the time is up are handed over to another invocation.
    ///
    /// If a queue fails, this is logged and counted in [`Tally::undrained`]. The queue stays due, and the tick wakes
    /// drain for it again.
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

    /// Hands queues with more to send over to another invocation, unless they were handed over [`MAX_HANDOVERS`] times
    /// in a row. That must be a defect, and they are left to the tick.
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
}
