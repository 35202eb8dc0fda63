//! Keeping the lease of a queue, and hearing what has changed meanwhile.

use super::{Tally, limits::LEASE, worker::Worker};
use crate::{
    delivery::form::Form,
    domain::{EventId, QueueState, ResendCursor, Timestamp},
    store::{Guard, Health, Release, Renewal, StoreError},
};

impl Worker<'_> {
    /// Reads the queue, so that a pause, a change or a deletion is heard before the next request; false if the lease is lost.
    pub(super) async fn look(&mut self) -> Result<bool, StoreError> {
        let state = self.drain.store.queue(self.queue).await?;
        self.adopt_if_ours(state).await
    }

    /// Goes by the queue as it was read; false if the lease is lost.
    pub(super) async fn adopt_if_ours(&mut self, state: QueueState) -> Result<bool, StoreError> {
        if state.lease.as_ref().is_none_or(|(token, _)| *token != self.token) {
            return Ok(false);
        }
        self.adopt(state).await?;
        Ok(true)
    }

    /// What must still hold when a delivery that did not arrive is ended.
    pub(super) fn guard(&self) -> Guard<'_> {
        Guard { lease: &self.token, generation: self.state.generation }
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
        self.adopt(state).await?;
        Ok(true)
    }

    /// Goes by the queue as it is now, and by the webhook if what a delivery depends on has changed.
    async fn adopt(&mut self, state: QueueState) -> Result<(), StoreError> {
        let changed = state.generation != self.state.generation;
        self.state = state;
        self.fresh = true;
        if changed {
            // The endpoint is another, or its state was changed; what was seen of it so far does not count any more.
            let (organization, key) = (self.webhook.organization.clone(), self.webhook.key.clone());
            if let Some(webhook) = self.drain.store.webhook(&organization, &key).await? {
                self.form = Form::of(&webhook);
                self.webhook = webhook;
            }
            self.health = Health::of(&self.state);
        }
        Ok(())
    }

    /// Keeps the lease and writes where the resend has come to; false if the lease is lost.
    pub(super) async fn renew_resend(&mut self, rest: Option<ResendCursor>) -> Result<bool, StoreError> {
        let renewal = Renewal { resend: Some(rest), ..self.progress() };
        self.renew_with(renewal).await
    }

    /// Counts what has just happened.
    pub(super) fn note(&mut self, happened: Tally) {
        let now = self.now();
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
        Renewal { health, paced_until: self.paced_until, ..Renewal::default() }
    }
}
