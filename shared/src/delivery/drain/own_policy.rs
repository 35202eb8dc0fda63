//! Handling of a failed attempt by the webhook's own failure policy (Socotra's `failureHandling`).

use std::time::Duration;

use super::{
    judge::Item,
    worker::{Next, Ready, Worker},
};
use crate::{
    delivery::{
        form,
        outcome::{SendError, status_of},
        reason::Reason,
    },
    domain::{Attempt, End, Endpoint, FailurePolicy},
    store::StoreError,
};

impl Worker<'_> {
    /// Retries the event, or ends it as the policy says. `asked` is how long the receiver asked to wait, which no
    /// policy overrides.
    pub(super) async fn by_policy(
        &mut self,
        policy: &FailurePolicy,
        item: &Item,
        attempt: Attempt,
        asked: Option<Duration>,
    ) -> Result<Next, StoreError> {
        // A failure that the policy ignores is one too: the owner hears of a webhook that accepts nothing.
        self.count_failure(std::slice::from_ref(item), &attempt).await?;
        if !policy.triggered_by(attempt.status) {
            let reason = Reason::after("the failure policy ignores this failure", &attempt);
            return self.discard_failed(item, &reason, &attempt, asked).await;
        }
        if let Some(delay) = policy.delay(self.health.failures, self.drain.store.random_fraction()) {
            self.record(std::slice::from_ref(item), &attempt).await?;
            if policy.is_half(self.health.failures) {
                self.warn(&attempt);
            }
            return Ok(Next::Wait(self.now().plus(asked.map_or(delay, |asked| asked.max(delay)))));
        }
        if let Some(endpoint) = &policy.alert_endpoint
            && let Some(untold) = self.notify(endpoint, item, &attempt).await?
        {
            return Ok(untold);
        }
        let (why, suspended) = (Reason::of(&attempt), Reason::after("suspended by the failure policy", &attempt));
        match policy.end() {
            End::Discard => {
                let reason = Reason::after("the failure policy neither diverts nor suspends", &attempt);
                self.discard_failed(item, &reason, &attempt, asked).await
            }
            End::Divert => {
                if self.divert(item, &why, Some(&attempt)).await? {
                    Ok(self.after(asked))
                } else {
                    self.left().await
                }
            }
            End::Suspend => {
                self.record(std::slice::from_ref(item), &attempt).await?;
                self.suspend(&suspended, false).await
            }
            End::DivertAndSuspend => {
                if !self.divert(item, &why, Some(&attempt)).await? {
                    return self.left().await;
                }
                self.suspend(&suspended, false).await
            }
        }
    }

    /// Continues after the event has ended, with fresh retries for the next event and after the wait that the receiver
    /// asked for.
    fn after(&mut self, asked: Option<Duration>) -> Next {
        self.health.failures = 0;
        asked.map_or(Next::Continue, |asked| Next::Wait(self.now().plus(asked)))
    }

    async fn discard_failed(
        &mut self,
        (queued, _): &Item,
        reason: &Reason,
        attempt: &Attempt,
        asked: Option<Duration>,
    ) -> Result<Next, StoreError> {
        if self.discard(queued, reason, Some(attempt)).await? { Ok(self.after(asked)) } else { self.left().await }
    }

    /// Sends a notice to the policy's alert endpoint, once. Its answer changes nothing. Returns `Some` with what to do
    /// next if the notice could not be sent, because the time is up, the queue is held, the webhook was changed or the
    /// lease is lost. Then the event stays pending, and its next failure sends the notice.
    async fn notify(
        &mut self,
        endpoint: &Endpoint,
        (queued, event): &Item,
        attempt: &Attempt,
    ) -> Result<Option<Next>, StoreError> {
        let generation = self.state.generation;
        match self.ready().await? {
            Ready::Yes if self.state.generation == generation => {}
            Ready::Yes | Ready::Stop => return Ok(Some(Next::Continue)),
            Ready::Lost => return Ok(Some(Next::Leave)),
        }
        let result = match form::notice(&self.webhook, endpoint, event, queued.delivery.queued, attempt, self.now()) {
            Ok(post) => self.drain.sender.post(&post).await,
            Err(error) => Err(error),
        };
        if crate::delivery::failure_text(&result).is_some() {
            tracing::warn!(
                queue = self.queue,
                event.id = %event.id,
                http.status = status_of(&result).unwrap_or_default(),
                fault = result.as_ref().err().map(SendError::kind).unwrap_or_default(),
                "the alert endpoint was not told"
            );
        }
        Ok(None)
    }
}
