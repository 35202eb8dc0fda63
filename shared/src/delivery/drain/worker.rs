//! One worker on one queue, from its lease to its release.

use std::{collections::HashMap, time::Duration};

use tokio::sync::Semaphore;

use super::{
    Drain, Tally,
    patience::{BATCH, LAST_START, LEASE, LEAST_LEFT},
};
use crate::{
    delivery::form::Form,
    domain::{DeliveryState, Event, EventId, Hold, QueueState, ResendCursor, Timestamp, Webhook},
    store::{
        DeliveryStore as _, Finish, Found, GetWebhook as _, Health, Lease, QueueStore as _, Queued, ReadEvents as _,
        Release, Renewal, StoreError, split_queue_key,
    },
};

/// A worker that holds the lease of a queue.
pub(super) struct Worker<'a> {
    pub(super) drain: &'a Drain,
    pub(super) queue: &'a str,
    pub(super) token: String,
    /// When the invocation ends, on the monotonic clock.
    deadline: Duration,
    /// Whose turn it is to read events.
    reading: &'a Semaphore,
    /// When the lease ends, on the monotonic clock.
    lease_end: Duration,
    pub(super) state: QueueState,
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
    /// Go on with the next events.
    On,
    /// Nothing before that moment.
    Wait(Timestamp),
    /// The same events again, under what has changed.
    Again,
    /// Leave it: it is no longer ours.
    Leave,
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
    /// Drains the queue until it is empty, held, delayed beyond the deadline or another worker's.
    pub(super) async fn drain(
        drain: &'a Drain,
        queue: &'a str,
        deadline: Duration,
        reading: &'a Semaphore,
        tally: &'a mut Tally,
    ) -> Result<(), StoreError> {
        let Some((organization, key)) = split_queue_key(queue) else { return Ok(()) };
        loop {
            let token = crate::auth::hex(&drain.store.random::<16>());
            let lease_end = drain.clock().monotonic() + LEASE;
            let state = match drain.store.lease(queue, &token, drain.clock().now().plus(LEASE), false).await? {
                Lease::Taken(state) => *state,
                Lease::Wait(until) if wait(drain, until, deadline).await => continue,
                Lease::Busy | Lease::Held | Lease::Wait(_) => return Ok(()),
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
                webhook,
                tally: &mut *tally,
            };
            match worker.work().await? {
                Some(until) if wait(drain, until, deadline).await => {}
                _ => return Ok(()),
            }
        }
    }

    /// Works until the queue is released; the moment before which nothing may be sent, if that is why.
    async fn work(&mut self) -> Result<Option<Timestamp>, StoreError> {
        loop {
            if self.must_stop() {
                self.release(Release::More).await?;
                return Ok(None);
            }
            let touched = self.state.touched;
            let pending = match self.next_pending(touched).await? {
                Pass::Through(pending) => pending,
                Pass::Stop => continue,
                Pass::Lost => return Ok(None),
            };
            if pending.is_empty() {
                if self.resend_page().await? {
                    continue;
                }
                if self.release(Release::Empty { touched }).await? || !self.renew(None).await? {
                    return Ok(None);
                }
                continue;
            }
            let (events, looked_at) = self.events_of(&pending).await?;
            let pending = &pending[..looked_at];
            let Some(last) = pending.last().map(|queued| queued.delivery.event) else { continue };
            let present = self.without_the_lost(pending, events).await?;
            let mut batch = Batch { rest: &present, last, touched };
            match self.send_all(&mut batch).await? {
                Next::On | Next::Again => {
                    if !self.renew(Some(batch.head())).await? {
                        return Ok(None);
                    }
                }
                Next::Wait(until) => {
                    let delayed = self.release(Release::NotBefore(until)).await?;
                    return Ok(Some(if delayed { until } else { self.now() }));
                }
                Next::Leave => return Ok(None),
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
            match self.ready().await? {
                Ready::Yes => {}
                Ready::Stop => return Ok(Next::On),
                Ready::Lost => return Ok(Next::Leave),
            }
            let probing = self.careful();
            let next = self.send(now, later.first()).await?;
            if next != Next::On {
                return Ok(next);
            }
            batch.rest = later;
            // After a probe that went well, the rest is read afresh and goes as usual.
            if probing {
                return Ok(Next::On);
            }
            // Whoever paused, repaired or deleted the webhook meanwhile is heard before the next message.
            if self.form.pace().is_some() && !batch.rest.is_empty() && !self.renew(Some(batch.head())).await? {
                return Ok(Next::Leave);
            }
        }
        Ok(Next::On)
    }

    /// Waits for the receiver's second and keeps the lease, until both leave room for a request. Whatever took its time, a
    /// renewal above all, is looked at again: a worker that was frozen must not send on a lease that has run out.
    pub(super) async fn ready(&mut self) -> Result<Ready, StoreError> {
        loop {
            if self.must_stop() {
                return Ok(Ready::Stop);
            }
            let pause = self.paced_until.map_or(Duration::ZERO, |until| until.since(self.now()));
            // A wall clock that was set back must not make a second last for hours.
            let pause = pause.min(self.form.pace().unwrap_or_default());
            let left = self.lease_end.saturating_sub(self.drain.clock().monotonic());
            if left < LEAST_LEFT + pause {
                if !self.renew(None).await? {
                    return Ok(Ready::Lost);
                }
            } else if pause.is_zero() {
                return Ok(Ready::Yes);
            } else {
                self.drain.clock().sleep(pause).await;
                self.paced_until = None;
            }
        }
    }

    /// The events of the first of these deliveries, and of how many: large ones are read in several turns, so that no queue
    /// takes the memory of all others.
    async fn events_of(&self, pending: &[Queued]) -> Result<(HashMap<EventId, Event>, usize), StoreError> {
        let keys: Vec<_> = pending.iter().map(|q| (q.event_partition.clone(), q.delivery.event)).collect();
        let _turn = self.reading.acquire().await;
        self.drain.store.events(&keys).await
    }

    /// Ends the deliveries whose time is over or whose event is gone, and pairs the others with their events.
    async fn without_the_lost(
        &mut self,
        pending: &[Queued],
        mut events: HashMap<EventId, Event>,
    ) -> Result<Vec<(Queued, Event)>, StoreError> {
        let now = self.drain.clock().now();
        let mut present = Vec::with_capacity(pending.len());
        for queued in pending {
            let expired = now.since(queued.delivery.queued) > self.drain.store.retention();
            let event = events.remove(&queued.delivery.event).or_else(|| queued.kept.clone());
            match event.filter(|_| !expired) {
                Some(event) => present.push((queued.clone(), event)),
                None => {
                    self.tally.expired += usize::from(expired);
                    let reason =
                        if expired { "expired: pending for longer than the retention" } else { "the event is gone" };
                    self.discard(queued.delivery.event, reason).await?;
                }
            }
        }
        if let Some((first, _)) = present.first() {
            let age = now.since(first.delivery.event.time());
            self.tally.queue_age_ms.push(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        }
        Ok(present)
    }

    pub(super) async fn discard(&mut self, event: EventId, reason: &str) -> Result<(), StoreError> {
        tracing::warn!(queue = self.queue, event.id = %event, reason, "a delivery was discarded");
        self.tally.discarded += 1;
        let reason = Some(reason.to_owned());
        let finish = Finish { state: DeliveryState::Discarded, reason, attempt: None };
        self.drain.store.finish(self.queue, event, &finish).await.map(|_| ())
    }

    /// Keeps the lease and writes how far the work has come; false if the lease is lost.
    pub(super) async fn renew(&mut self, head: Option<(EventId, u64)>) -> Result<bool, StoreError> {
        let renewal = Renewal { head, ..self.progress() };
        self.renew_with(renewal).await
    }

    async fn renew_with(&mut self, renewal: Renewal) -> Result<bool, StoreError> {
        let lease_end = self.drain.clock().monotonic() + LEASE;
        let renewal = Renewal { until: self.now().plus(LEASE), ..renewal };
        let Some(state) = self.drain.store.renew(self.queue, &self.token, &renewal).await? else {
            return Ok(false);
        };
        self.lease_end = lease_end;
        let changed = state.generation != self.state.generation;
        self.state = state;
        if changed {
            // The endpoint is another, or its state was changed; what was seen of it so far does not count any more.
            let (organization, key) = (self.webhook.organization.clone(), self.webhook.key.clone());
            if let Some(webhook) = self.drain.store.webhook(&organization, &key).await? {
                self.form = Form::of(&webhook);
                self.webhook = webhook;
            }
            self.health = Health::of(&self.state);
        }
        Ok(true)
    }

    /// Keeps the lease and writes where the resend has come to; false if the lease is lost.
    pub(super) async fn renew_resend(&mut self, rest: Option<ResendCursor>) -> Result<bool, StoreError> {
        let renewal = Renewal { resend: Some(rest), ..self.progress() };
        self.renew_with(renewal).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.drain.clock().now()
    }

    async fn release(&mut self, release: Release) -> Result<bool, StoreError> {
        self.drain.store.release(self.queue, &self.token, release, &self.progress()).await
    }

    pub(super) fn progress(&self) -> Renewal {
        let health = Some((self.health.clone(), self.state.generation));
        Renewal { health, paced_until: self.paced_until, ..Renewal::default() }
    }

    /// Whether the time is up, or the queue is held.
    fn must_stop(&self) -> bool {
        let left = self.deadline.saturating_sub(self.drain.clock().monotonic());
        left < LAST_START || self.state.held.is_some()
    }
}

/// Waits until the moment if that leaves time to send something; false if it does not.
async fn wait(drain: &Drain, until: Timestamp, deadline: Duration) -> bool {
    let pause = until.since(drain.clock().now());
    if drain.clock().monotonic() + pause + LAST_START > deadline {
        return false;
    }
    drain.clock().sleep(pause).await;
    true
}
