//! Keeping the lease of a queue and noticing changes to its webhook.

use super::{Tally, limits::LEASE, worker::Worker};
use crate::{
    delivery::form::Form,
    domain::{EventId, QueueState, ResendCursor, Timestamp},
    store::{Guard, Health, Release, Renewal, StoreError},
};

impl Worker<'_> {
    /// Reads the queue, so that a pause, a change or a deletion is noticed before the next request. False if the lease
    /// is lost.
    pub(super) async fn look(&mut self) -> Result<bool, StoreError> {
        let state = self.drain.store.queue(self.queue).await?;
        self.adopt_if_ours(state).await
    }

    /// Takes over the state of the queue that was just read. False if the lease is lost.
    pub(super) async fn adopt_if_ours(&mut self, state: QueueState) -> Result<bool, StoreError> {
        if state.lease.as_ref().is_none_or(|(token, _)| *token != self.token) {
            return Ok(false);
        }
        self.adopt(state).await?;
        Ok(true)
    }

    /// The condition under which a delivery that did not arrive may be ended: the lease is still held, and the
    /// webhook's generation is still the one by which that was decided.
    pub(super) fn guard(&self) -> Guard<'_> {
        Guard { lease: &self.token, generation: self.state.generation }
    }

    /// Renews the lease and stores the progress, raising the queue's head if `head` is given. False if the lease is
    /// lost.
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
        self.adopt(state).await?;
        Ok(true)
    }

    /// Takes over the state of the queue. If the generation has changed, reads the webhook again too.
    async fn adopt(&mut self, state: QueueState) -> Result<(), StoreError> {
        let changed = state.generation != self.state.generation;
        self.state = state;
        self.fresh = true;
        if changed {
            // The webhook's endpoint or state has changed, so the health seen so far no longer applies.
            let (organization, key) = (self.webhook.organization.clone(), self.webhook.key.clone());
            if let Some(webhook) = self.drain.store.webhook(&organization, &key).await? {
                self.form = Form::of(&webhook);
                self.webhook = webhook;
            }
            self.health = Health::of(&self.state);
        }
        Ok(())
    }

    /// Renews the lease and stores the cursor of the resend, or removes it if `rest` is `None`. False if the lease is
    /// lost.
    pub(super) async fn renew_resend(&mut self, rest: Option<ResendCursor>) -> Result<bool, StoreError> {
        let renewal = Renewal { resend: Some(rest), ..self.progress() };
        self.renew_with(renewal).await
    }

    /// Adds these counts to the history and the tally, and writes their metrics.
    pub(super) fn note(&mut self, happened: Tally) {
        let now = self.now();
        self.history.add(now, happened.counts());
        self.tally.note(now, happened);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.drain.clock().now()
    }

    pub(super) async fn release(&mut self, release: Release) -> Result<bool, StoreError> {
        self.drain.store.release(self.queue, &self.token, release, &self.progress()).await
    }

    pub(super) fn progress(&self) -> Renewal {
        let health = Some((self.health.clone(), self.state.generation));
        let history = Some(self.history).filter(|history| !history.is_empty());
        Renewal { health, paced_until: self.paced_until, history, ..Renewal::default() }
    }
}
