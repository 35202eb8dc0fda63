//! One worker on one queue, from its lease to its release.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::{
    Drain, Tally,
    left::Left,
    limits::{BATCH, LEASE, LONGEST_WAIT, MIN_LEASE_LEFT, MIN_TIME_LEFT, SKEW},
};
use crate::{
    delivery::form::Form,
    domain::{Event, EventId, Hold, QueueState, Timestamp, Webhook},
    store::{Found, Health, Lease, LeaseFor, Queued, Release, StoreError, split_queue_key},
};

/// A worker that holds the lease of a queue.
pub(super) struct Worker<'a> {
    pub(super) drain: &'a Drain,
    pub(super) queue: &'a str,
    pub(super) token: String,
    /// When the invocation ends, on the monotonic clock.
    deadline: Duration,
    /// Whose turn it is to read events.
    pub(super) reading: &'a Semaphore,
    /// When the lease ends, on the monotonic clock.
    pub(super) lease_end: Duration,
    pub(super) state: QueueState,
    /// Whether the queue was looked at since the last request or wait: the owner may have paused or changed the webhook.
    pub(super) fresh: bool,
    pub(super) health: Health,
    pub(super) paced_until: Option<Timestamp>,
    pub(super) webhook: Webhook,
    pub(super) form: Form,
    /// Up to and including this event, events go one by one: a digest with them was refused.
    pub(super) single_until: Option<EventId>,
    pub(super) tally: &'a mut Tally,
}

/// What was read of the queue and is still to be sent.
struct Batch<'b> {
    rest: &'b [(Queued, Event)],
    /// The last delivery read, whether or not its event was found.
    last: EventId,
    /// How often the queue had been touched before the read.
    touched: u64,
}

impl Batch<'_> {
    /// Below this everything has ended, unless something was touched since the read.
    fn head(&self) -> (EventId, u64) {
        let head = self.rest.first().map_or_else(|| self.last.next(), |(queued, _)| queued.delivery.event);
        (head, self.touched)
    }
}

/// What to do with the queue next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Go on with what is pending next.
    Continue,
    /// Nothing before that moment.
    Wait(Timestamp),
    /// Leave it: it is no longer ours.
    Leave,
}

/// How the work on a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Left(Left),
    /// Nothing may be sent before that moment.
    Delayed(Timestamp),
}

/// How a pass over the queue ended.
enum Pass {
    /// With what is pending next; nothing at the end of the queue.
    Through(Vec<Queued>),
    /// Before its end: the time is up, or the queue is held.
    Stop,
    /// The lease is another worker's.
    Lost,
}

/// Whether a request may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// At once.
    Yes,
    /// The time is up, or the queue is held.
    Stop,
    /// The lease is another worker's.
    Lost,
}

impl<'a> Worker<'a> {
    /// Drains the queue until it is empty, held, delayed or another worker's, or the time is up. A queue that somebody else works
    /// on, or that is delayed, is left at once. Only a short delay that this worker has met itself is waited out, and only once.
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
                    // Whoever woke this worker has a clock that is ahead of its own.
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
                paced_until: state.paced_until,
                form: Form::of(&webhook),
                single_until: None,
                state,
                fresh: true,
                webhook,
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

    /// The next pending deliveries, past all that are finished: a resend leads far back, and a queue that is never empty keeps its
    /// head. The place is kept here, too, since the head does not rise while the queue is touched. What is put behind the place
    /// is touched, so that neither this head nor an empty release takes effect, and the next pass begins at the head.
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

    /// Whether one event at a time is sent and looked at: after a failure the queue is probed before the rest follows.
    fn careful(&self) -> bool {
        self.health.failures > 0
    }

    /// Sends the events, as many at once as the form and the state allow.
    async fn send_all(&mut self, batch: &mut Batch<'_>) -> Result<Next, StoreError> {
        while let Some(((first, _), _)) = batch.rest.split_first() {
            let single = self.careful() || self.single_until.is_some_and(|last| first.delivery.event <= last);
            let size = if single { 1 } else { self.form.events_a_message() };
            let (now, later) = batch.rest.split_at(size.min(batch.rest.len()));
            let generation = self.state.generation;
            match self.ready().await? {
                Ready::Yes if self.state.generation == generation => {}
                // What was decided about these events is to be decided anew: the webhook was changed meanwhile.
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
            // After a probe that went well, the rest is read afresh and goes as usual.
            if probing {
                return Ok(Next::Continue);
            }
            // The lease is kept and the head moves on while the receiver's second passes.
            if self.form.pace().is_some() && !batch.rest.is_empty() && !self.renew(Some(batch.head())).await? {
                return Ok(Next::Leave);
            }
        }
        Ok(Next::Continue)
    }

    /// Waits for the receiver's second and keeps the lease, until both leave room for a request, and hears what the owner has
    /// changed meanwhile. Whatever took its time, a renewal above all, is looked at again: a worker that was frozen must not
    /// send on a lease that has run out.
    pub(super) async fn ready(&mut self) -> Result<Ready, StoreError> {
        loop {
            if self.must_stop() {
                return Ok(Ready::Stop);
            }
            let pause = self.paced_until.map_or(Duration::ZERO, |until| until.since(self.now()));
            // A wall clock that was set back must not make a second last for hours.
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

    /// Whether the time is up, or the queue is held.
    fn must_stop(&self) -> bool {
        let left = self.deadline.saturating_sub(self.drain.clock().monotonic());
        left < MIN_TIME_LEFT || self.state.held.is_some()
    }
}

/// Waits until the moment if that is soon and leaves time to send something; false otherwise.
async fn wait(drain: &Drain, until: Timestamp, deadline: Duration) -> bool {
    let pause = until.since(drain.clock().now());
    if pause > LONGEST_WAIT || drain.clock().monotonic() + pause + MIN_TIME_LEFT > deadline {
        return false;
    }
    drain.clock().sleep(pause).await;
    true
}
