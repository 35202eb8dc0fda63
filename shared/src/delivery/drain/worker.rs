//! A worker on one queue, from taking the lease to releasing it.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::{
    Drain, Tally,
    left::Left,
    limits::{BATCH, LEASE, LONGEST_WAIT, MIN_LEASE_LEFT, MIN_TIME_LEFT, SKEW},
};
use crate::{
    delivery::form::Form,
    domain::{Event, EventId, History, Hold, QueueState, Timestamp, Webhook},
    store::{Found, Health, Lease, LeaseFor, Queued, Release, StoreError, split_queue_key},
};

/// A worker that holds the lease of a queue.
pub(super) struct Worker<'a> {
    pub(super) drain: &'a Drain,
    pub(super) queue: &'a str,
    pub(super) token: String,
    /// When the invocation's time is up, on the monotonic clock.
    deadline: Duration,
    /// Limits how much all queues of the invocation read at the same time.
    pub(super) reading: &'a Semaphore,
    /// When the lease ends, on the monotonic clock.
    pub(super) lease_end: Duration,
    pub(super) state: QueueState,
    /// Whether the queue was read since the last request or wait. If not, the owner may have paused or changed the
    /// webhook.
    pub(super) fresh: bool,
    pub(super) health: Health,
    /// What happened in the last 24 hours. Only the worker with the lease counts and stores it, with the writes that
    /// it makes anyway. A worker that loses its lease or crashes loses what it has counted since its last write.
    pub(super) history: History,
    pub(super) paced_until: Option<Timestamp>,
    pub(super) webhook: Webhook,
    pub(super) form: Form,
    /// Events up to and including this one are sent one by one, because a digest with them was refused.
    pub(super) single_until: Option<EventId>,
    /// The most hops of the events that were sent last.
    pub(super) hops: u32,
    pub(super) tally: &'a mut Tally,
}

/// Deliveries that were read from the queue and are still to be sent.
struct Batch<'b> {
    rest: &'b [(Queued, Event)],
    /// The last delivery that was read, whether or not its event was found.
    last: EventId,
    /// The queue's count of touches before the read.
    touched: u64,
}

impl Batch<'_> {
    /// The new head of the queue, with the count of touches under which it is valid: all deliveries below it have
    /// ended, unless the queue was touched since the read.
    fn head(&self) -> (EventId, u64) {
        let head = self.rest.first().map_or_else(|| self.last.next(), |(queued, _)| queued.delivery.event);
        (head, self.touched)
    }
}

/// What to do with the queue next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Continue with the next pending deliveries.
    Continue,
    /// Send nothing before this moment.
    Wait(Timestamp),
    /// Leave the queue: this worker no longer has its lease, or the webhook is suspended.
    Leave,
}

/// How the work on a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Left(Left),
    /// Nothing may be sent before this moment.
    Delayed(Timestamp),
}

/// The result of looking for pending deliveries.
enum Pass {
    /// The next pending deliveries; empty at the end of the queue.
    Through(Vec<Queued>),
    /// The search stopped early, because the time is up or the queue is held.
    Stop,
    /// Another worker has the lease.
    Lost,
}

/// Whether a request may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// It may start now.
    Yes,
    /// It may not: the time is up, or the queue is held.
    Stop,
    /// It may not: another worker has the lease.
    Lost,
}

impl<'a> Worker<'a> {
    /// Drains the queue until it is empty, held, delayed or leased by another worker, or until the time is up. If the
    /// queue is leased or delayed at the start, it is left at once. A short delay after this worker's own requests
    /// is waited for, once.
    pub(super) async fn drain(
        drain: &'a Drain,
        queue: &'a str,
        deadline: Duration,
        reading: &'a Semaphore,
        tally: &'a mut Tally,
    ) -> Result<Left, StoreError> {
        let Some((organization, key)) = split_queue_key(queue) else { return Ok(Left::Alone) };
        let (mut waited, mut early) = (false, false);
        loop {
            let token = drain.store.random_hex::<16>();
            let lease_end = drain.clock().monotonic() + LEASE;
            let state =
                match drain.store.lease(queue, &token, drain.clock().now().plus(LEASE), LeaseFor::Delivery).await? {
                    Lease::Taken(state) => *state,
                    // The clock of the process that woke this worker is ahead of this one.
                    Lease::Wait(until) if !early && until.since(drain.clock().now()) <= SKEW => {
                        early = wait(drain, until, deadline).await;
                        if early {
                            continue;
                        }
                        return Ok(Left::Alone);
                    }
                    Lease::Busy | Lease::Held | Lease::Wait(_) => return Ok(Left::Alone),
                };
            let webhook = drain.store.webhook(&organization, &key).await?;
            let Some(webhook) = webhook.filter(|_| state.held != Some(Hold::Deleted)) else {
                return super::sweep::sweep(drain, queue, &token, state, deadline, tally).await;
            };
            let mut worker = Worker {
                drain,
                queue,
                token,
                deadline,
                reading,
                lease_end,
                health: Health::of(&state),
                history: state.history,
                paced_until: state.paced_until,
                form: Form::of(&webhook),
                single_until: None,
                state,
                fresh: true,
                webhook,
                hops: 0,
                tally: &mut *tally,
            };
            match worker.work().await? {
                Ended::Left(left) => return Ok(left),
                Ended::Delayed(until) if !waited && wait(drain, until, deadline).await => waited = true,
                Ended::Delayed(_) => return Ok(Left::Alone),
            }
        }
    }

    /// Works until the queue is released.
    async fn work(&mut self) -> Result<Ended, StoreError> {
        const LOST: Ended = Ended::Left(Left::Alone);
        loop {
            if self.must_stop() {
                let held = self.state.held.is_some();
                self.release(Release::More).await?;
                return Ok(Ended::Left(if held { Left::Alone } else { Left::More }));
            }
            let touched = self.state.touched;
            let pending = match self.next_pending(touched).await? {
                Pass::Through(pending) => pending,
                Pass::Stop => continue,
                Pass::Lost => return Ok(LOST),
            };
            if pending.is_empty() {
                if self.resend_page().await? {
                    continue;
                }
                if self.release(Release::Empty { touched }).await? || !self.renew(None).await? {
                    return Ok(LOST);
                }
                continue;
            }
            let (events, looked_at) = self.events_of(&pending).await?;
            let pending = &pending[..looked_at];
            let Some(last) = pending.last().map(|queued| queued.delivery.event) else { continue };
            let Some(present) = self.without_the_lost(pending, events).await? else {
                if self.renew(None).await? {
                    continue;
                }
                return Ok(LOST);
            };
            let mut batch = Batch { rest: &present, last, touched };
            match self.send_all(&mut batch).await? {
                Next::Continue => {
                    if !self.renew(Some(batch.head())).await? {
                        return Ok(LOST);
                    }
                }
                Next::Wait(until) => {
                    let delayed = self.release(Release::NotBefore(until)).await?;
                    return Ok(Ended::Delayed(if delayed { until } else { self.now() }));
                }
                Next::Leave => return Ok(LOST),
            }
        }
    }

    /// Finds the next pending deliveries, past all finished ones. There may be many of those: a resend starts far back,
    /// and a queue that is never empty keeps its head.
    ///
    /// The position is kept in `from`, because the head cannot rise while the queue keeps being touched. A delivery
    /// that is put before `from` also touches the queue. Then neither raising the head nor releasing the queue as empty
    /// succeeds, and the next pass starts at the head.
    async fn next_pending(&mut self, touched: u64) -> Result<Pass, StoreError> {
        let mut from = self.state.head;
        loop {
            let read = if self.careful() { 2 } else { self.form.events_a_message().max(BATCH) };
            let Found { pending, beyond } = self.drain.store.pending(self.queue, from, read).await?;
            let (true, Some(beyond)) = (pending.is_empty(), beyond) else { return Ok(Pass::Through(pending)) };
            if !self.renew(Some((beyond, touched))).await? {
                return Ok(Pass::Lost);
            }
            if self.must_stop() {
                return Ok(Pass::Stop);
            }
            from = Some(beyond);
        }
    }

    /// Whether events are sent one at a time: after a failure, one event must succeed before the rest follows.
    fn careful(&self) -> bool {
        self.health.failures > 0
    }

    /// Sends the events of the batch, as many per message as the form and the state allow.
    async fn send_all(&mut self, batch: &mut Batch<'_>) -> Result<Next, StoreError> {
        while let Some(((first, _), _)) = batch.rest.split_first() {
            let single = self.careful() || self.single_until.is_some_and(|last| first.delivery.event <= last);
            let size = if single { 1 } else { self.form.events_a_message() };
            let (now, later) = batch.rest.split_at(size.min(batch.rest.len()));
            let generation = self.state.generation;
            match self.ready().await? {
                Ready::Yes if self.state.generation == generation => {}
                // The webhook was changed meanwhile, or the worker must stop. `work` decides anew about these events.
                Ready::Yes | Ready::Stop => return Ok(Next::Continue),
                Ready::Lost => return Ok(Next::Leave),
            }
            let probing = self.careful();
            let (next, arrived) = self.send(now, later.first()).await?;
            if next != Next::Continue {
                return Ok(next);
            }
            if !arrived {
                return Ok(Next::Continue);
            }
            batch.rest = later;
            // After a success, the rest is read again and sent as usual.
            if probing {
                return Ok(Next::Continue);
            }
            // Renew the lease and raise the head while waiting for the pace of the form.
            if self.form.pace().is_some() && !batch.rest.is_empty() && !self.renew(Some(batch.head())).await? {
                return Ok(Next::Leave);
            }
        }
        Ok(Next::Continue)
    }

    /// Waits until a request may start: the pace of the form allows it, the lease lasts long enough, and the queue was
    /// just read. After each step all conditions are checked again, because a step may take long and a worker that was
    /// frozen must not send under an expired lease.
    pub(super) async fn ready(&mut self) -> Result<Ready, StoreError> {
        loop {
            if self.must_stop() {
                return Ok(Ready::Stop);
            }
            let pause = self.paced_until.map_or(Duration::ZERO, |until| until.since(self.now()));
            // If the wall clock was set back, the pause must not last for hours.
            let pause = pause.min(self.form.pace().unwrap_or_default());
            let left = self.lease_end.saturating_sub(self.drain.clock().monotonic());
            if left < MIN_LEASE_LEFT + pause {
                if !self.renew(None).await? {
                    return Ok(Ready::Lost);
                }
            } else if !pause.is_zero() {
                self.drain.clock().sleep(pause).await;
                self.paced_until = None;
                self.fresh = false;
            } else if !self.fresh {
                if !self.look().await? {
                    return Ok(Ready::Lost);
                }
            } else {
                return Ok(Ready::Yes);
            }
        }
    }

    /// Whether no further request may start, because the time is up or the queue is held.
    fn must_stop(&self) -> bool {
        let left = self.deadline.saturating_sub(self.drain.clock().monotonic());
        left < MIN_TIME_LEFT || self.state.held.is_some()
    }
}

/// Waits until this moment and returns true. Returns false at once if it is more than [`LONGEST_WAIT`] away, or if not
/// enough time would be left to send something.
async fn wait(drain: &Drain, until: Timestamp, deadline: Duration) -> bool {
    let pause = until.since(drain.clock().now());
    if pause > LONGEST_WAIT || drain.clock().monotonic() + pause + MIN_TIME_LEFT > deadline {
        return false;
    }
    drain.clock().sleep(pause).await;
    true
}
