//! Storing the outcome of attempts: deliveries that are delivered, diverted or discarded, and webhooks that are
//! suspended.

use futures_util::future::join_all;

use super::{
    Tally,
    judge::Item,
    limits::{LOOK_AGAIN, SUSPEND_TRIES},
    worker::{Next, Worker},
};
use crate::{
    delivery::reason::Reason,
    domain::{Attempt, DeliveryState, Event, OperationalEvent, Suspension},
    store::{Finish, Queued, StoreError},
};

impl Worker<'_> {
    /// Stores that the events were delivered. If there are `more` to send, reads the queue at the same time.
    pub(super) async fn delivered(
        &mut self,
        batch: &[Item],
        attempt: &Attempt,
        more: bool,
    ) -> Result<Next, StoreError> {
        self.health.failures = 0;
        self.health.in_a_row = 0;
        self.health.refusals = 0;
        self.health.throttled_since = None;
        self.health.last_success = Some(self.now());
        // Before the deliveries end: if it cannot be told, they are sent again, and that success is told.
        self.tell_recovered(batch).await?;
        let (store, queue) = (&self.drain.store, self.queue);
        let writes = join_all(batch.iter().map(|(queued, _)| async move {
            let attempts = Some(queued.delivery.attempts_with(attempt));
            let finish = Finish { state: DeliveryState::Delivered, reason: None, attempts };
            store.finish(queue, queued.delivery.event, &finish).await
        }));
        // With a paced form the lease is renewed between two messages, which reads the queue too.
        let look = more && self.form.pace().is_none();
        let started = self.drain.clock().monotonic();
        let (written, seen) = futures_util::future::join(writes, async {
            if look { store.queue(queue).await.map(Some) } else { Ok(None) }
        })
        .await;
        let now = self.now();
        let age = |since| u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
        let latency_ms = batch.iter().map(|(queued, _)| age(queued.delivery.waits_since())).collect();
        self.note(Tally { delivered: batch.len(), latency_ms, ..Tally::default() });
        all(written)?;
        match seen? {
            Some(state) => {
                let ours = self.adopt_if_ours(state).await?;
                self.fresh &= self.drain.clock().monotonic().saturating_sub(started) < LOOK_AGAIN;
                Ok(if ours { Next::Continue } else { Next::Leave })
            }
            None => Ok(Next::Continue),
        }
    }

    pub(super) async fn record(&self, batch: &[Item], attempt: &Attempt) -> Result<(), StoreError> {
        let (store, queue) = (&self.drain.store, self.queue);
        all(join_all(batch.iter().map(|(queued, _)| store.record_attempt(queue, &queued.delivery, attempt))).await)
    }

    /// Diverts an event. False if this worker may not end the delivery (see [`Worker::left`]).
    pub(super) async fn divert(
        &mut self,
        (queued, event): &Item,
        reason: &Reason,
        attempt: Option<&Attempt>,
    ) -> Result<bool, StoreError> {
        let attempts = attempt.map(|attempt| queued.delivery.attempts_with(attempt));
        let known = self.state.told.diverted;
        let telling =
            self.of_one_more(OperationalEvent::DeliveryDiverted, known, &queued.delivery, Some(event), reason).await?;
        let (store, remembered) = (&self.drain.store, telling.remembered());
        let diverted = store.divert(self.queue, event, &reason.kept, attempts.as_deref(), self.guard(), remembered);
        let done = diverted.await?;
        if done {
            self.state.told.diverted = self.remembers(&telling, known);
            tracing::warn!(queue = self.queue, event.id = %event.id, reason = reason.logged, "an event was diverted");
            self.note(Tally { diverted: 1, ..Tally::default() });
        }
        Ok(done)
    }

    /// Discards a delivery. False if this worker may not end the delivery (see [`Worker::left`]).
    pub(super) async fn discard(
        &mut self,
        queued: &Queued,
        reason: &Reason,
        attempt: Option<&Attempt>,
    ) -> Result<bool, StoreError> {
        let event = queued.delivery.event;
        let attempts = attempt.map(|attempt| queued.delivery.attempts_with(attempt));
        let finish = Finish { state: DeliveryState::Discarded, reason: Some(reason.kept.clone()), attempts };
        let done = self.drain.store.finish_guarded(self.queue, event, &finish, self.guard()).await?;
        if done {
            tracing::warn!(queue = self.queue, event.id = %event, reason = reason.logged, "a delivery was discarded");
            self.note(Tally { discarded: 1, ..Tally::default() });
        }
        Ok(done)
    }

    /// Discards a delivery that is pending for longer than the retention, of an event that may be gone. False if this
    /// worker may not end the delivery (see [`Worker::left`]).
    pub(super) async fn expire(&mut self, queued: &Queued, event: Option<&Event>) -> Result<bool, StoreError> {
        let (id, known) = (queued.delivery.event, self.state.told.expired);
        let reason = Reason::ours("expired: pending for longer than the retention");
        let telling =
            self.of_one_more(OperationalEvent::DeliveryExpired, known, &queued.delivery, event, &reason).await?;
        let finish = Finish { state: DeliveryState::Discarded, reason: Some(reason.kept.clone()), attempts: None };
        let store = &self.drain.store;
        let done = store.expire(self.queue, id, &finish, self.guard(), telling.remembered()).await?;
        if done {
            self.state.told.expired = self.remembers(&telling, known);
            tracing::warn!(queue = self.queue, event.id = %id, reason = reason.logged, "a delivery was discarded");
            self.note(Tally { discarded: 1, expired: 1, ..Tally::default() });
        }
        Ok(done)
    }

    /// What to do when this worker may not end a delivery: continue if only the webhook was changed, and leave the
    /// queue if the lease is lost.
    pub(super) async fn left(&mut self) -> Result<Next, StoreError> {
        Ok(if self.renew(None).await? { Next::Continue } else { Next::Leave })
    }

    /// Suspends the webhook. If the webhook was changed meanwhile in a way that affects delivery, the worker continues
    /// with the change instead. If the change does not affect delivery, the webhook is read again and the suspension
    /// retried.
    pub(super) async fn suspend(&mut self, reason: &Reason, endpoint_gone: bool) -> Result<Next, StoreError> {
        let suspension = Suspension { at: self.now(), reason: reason.kept.clone(), endpoint_gone };
        for _ in 0..SUSPEND_TRIES {
            let told = self.suspended(&suspension, reason).await?;
            let (store, progress) = (&self.drain.store, self.progress());
            let done = store.suspend_webhook(&self.webhook, &suspension, &self.token, &progress, told.as_ref());
            if done.await? {
                if let Some(told) = &told {
                    self.log_told(told);
                }
                tracing::error!(queue = self.queue, reason = reason.logged, "a webhook was suspended");
                self.note(Tally { suspended: 1, ..Tally::default() });
                return Ok(Next::Leave);
            }
            let seen = self.state.generation;
            if !self.renew(None).await? {
                return Ok(Next::Leave);
            }
            if self.state.generation != seen || self.state.held.is_some() {
                return Ok(Next::Continue);
            }
            let found = self.drain.store.webhook(&self.webhook.organization, &self.webhook.key).await?;
            let Some(webhook) = found else { return Ok(Next::Continue) };
            self.webhook = webhook;
        }
        // The webhook keeps changing. Wait, so that the endpoint is not sent to in a tight loop.
        Ok(Next::Wait(self.now().plus(self.scheduled(1).unwrap_or_default())))
    }

    pub(super) fn warn(&mut self, attempt: &Attempt) {
        tracing::warn!(
            queue = self.queue,
            failures = self.health.failures,
            reason = Reason::of(attempt).logged,
            "a webhook is halfway to its suspension"
        );
        self.note(Tally { warned: 1, ..Tally::default() });
    }
}

/// The first error of several writes, all of which have been completed.
pub(super) fn all<T>(written: Vec<Result<T, StoreError>>) -> Result<(), StoreError> {
    written.into_iter().try_for_each(|one| one.map(|_| ()))
}
