//! What a reply means for the events it was about, for the queue and for the webhook. The table of docs/delivery.md.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::{
    patience::{MOST_REFUSALS, PROBE_AFTER, THROTTLED_FOR},
    worker::{Next, Ready, Worker},
};
use crate::{
    delivery::{
        outcome::{Answer, SendError, Verdict, classify, failure_text, status_of},
        schedule,
    },
    domain::{Attempt, DeliveryState, Event, Suspension},
    store::{DeliveryStore as _, Finish, Queued, StoreError, SuspendWebhook as _},
};

/// A delivery with its event.
pub(super) type Item = (Queued, Event);

impl Worker<'_> {
    /// Sends one message with these events and does what its reply asks for. `next` is the event after them, if it is known.
    pub(super) async fn send(&mut self, batch: &[Item], next: Option<&Item>) -> Result<Next, StoreError> {
        let (attempt, result) = self.post(batch).await;
        let verdict = classify(&result);
        if verdict == Verdict::Delivered {
            self.delivered(batch, &attempt).await?;
            return Ok(Next::On);
        }
        if let Verdict::Throttled { wait } = verdict {
            let since = *self.health.throttled_since.get_or_insert(attempt.at);
            let a_day = attempt.at.since(since) >= THROTTLED_FOR;
            // A day of nothing else is a failure like any other, which is for the owner's policy if there is one.
            if !a_day || self.webhook.policy.is_none() {
                return self.throttled(batch, &attempt, wait, a_day).await;
            }
        }
        self.tally.failed += 1;
        self.health.last_failure = Some(attempt.at);
        self.health.throttled_since = None;
        match (&self.webhook.policy, batch) {
            (Some(policy), [item]) => {
                let policy = policy.clone();
                self.by_policy(&policy, item, attempt, verdict.wait()).await
            }
            _ => self.by_default(batch, next, attempt, verdict).await,
        }
    }

    /// What the service does where the owner has no say.
    async fn by_default(
        &mut self,
        batch: &[Item],
        next: Option<&Item>,
        attempt: Attempt,
        verdict: Verdict,
    ) -> Result<Next, StoreError> {
        match verdict {
            // Dealt with before.
            Verdict::Delivered | Verdict::Throttled { .. } => Ok(Next::On),
            Verdict::Retry { wait, .. } => {
                self.record(batch, &attempt).await?;
                self.health.failures = self.health.failures.saturating_add(1);
                if let ([head], Some(next)) = (batch, next)
                    && failures_of(head) + 1 >= PROBE_AFTER
                    && let Some(decided) = self.probe(head, next, &attempt).await?
                {
                    return Ok(decided);
                }
                let Some(delay) = self.scheduled(self.health.failures) else {
                    let reason =
                        format!("given up after {} failures in a row: {}", self.health.failures, text(&attempt));
                    return self.suspend(&reason, false).await;
                };
                if schedule::is_half(self.health.failures) {
                    self.warn(&attempt);
                }
                Ok(Next::Wait(self.now().plus(wait.map_or(delay, |wait| wait.max(delay)))))
            }
            Verdict::Gone => {
                self.record(batch, &attempt).await?;
                self.suspend(&format!("the endpoint is gone or forbids us: {}", text(&attempt)), true).await
            }
            Verdict::Unacceptable | Verdict::Refused => {
                let [head] = batch else {
                    // Which event it was is found out by sending them one by one.
                    self.single_until = batch.last().map(|(queued, _)| queued.delivery.event);
                    return Ok(Next::Again);
                };
                self.divert(head, text(&attempt), Some(attempt.clone())).await?;
                self.health.refusals = self.health.refusals.saturating_add(1);
                if self.health.refusals >= MOST_REFUSALS {
                    let reason = format!("{MOST_REFUSALS} events in a row were refused: {}", text(&attempt));
                    return self.suspend(&reason, false).await;
                }
                Ok(Next::On)
            }
        }
    }

    /// 429 is no failure: the receiver is there and asks for time. Only a day of nothing else ends it.
    async fn throttled(
        &mut self,
        batch: &[Item],
        attempt: &Attempt,
        wait: Option<Duration>,
        a_day: bool,
    ) -> Result<Next, StoreError> {
        self.record(batch, attempt).await?;
        if a_day {
            return self.suspend("the endpoint has answered nothing but 429 for a day", false).await;
        }
        let tries = batch.first().map_or(0, throttles_of).saturating_add(1);
        let tries = u32::try_from(tries).unwrap_or(u32::MAX).min(schedule::LAST);
        let wait = wait.or_else(|| self.scheduled(tries));
        Ok(Next::Wait(self.now().plus(wait.unwrap_or_default())))
    }

    /// Sends the event after one that keeps failing: if that one arrives, it was the event and not the endpoint.
    async fn probe(&mut self, head: &Item, next: &Item, failed: &Attempt) -> Result<Option<Next>, StoreError> {
        match self.ready().await? {
            Ready::Yes => {}
            Ready::Stop => return Ok(None),
            Ready::Lost => return Ok(Some(Next::Leave)),
        }
        let (attempt, result) = self.post(std::slice::from_ref(next)).await;
        if classify(&result) != Verdict::Delivered {
            self.record(std::slice::from_ref(next), &attempt).await?;
            return Ok(None);
        }
        self.delivered(std::slice::from_ref(next), &attempt).await?;
        // Its own failure is recorded already.
        self.divert(head, text(failed), None).await?;
        Ok(Some(Next::On))
    }

    async fn post(&mut self, batch: &[Item]) -> (Attempt, Result<Answer, SendError>) {
        let events: Vec<&Event> = batch.iter().map(|(_, event)| event).collect();
        let at = self.now();
        let started = self.drain.clock().monotonic();
        let result = match self.form.compose(&self.webhook, &events, at) {
            Ok(post) => self.drain.sender.post(&post).await,
            Err(error) => Err(error),
        };
        let duration = self.drain.clock().monotonic().saturating_sub(started);
        self.paced_until = self.form.pace().map(|pace| self.now().plus(pace));
        let attempt = Attempt {
            at,
            status: status_of(&result),
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            failure: failure_text(&result),
        };
        tracing::info!(
            queue = self.queue,
            event.first = %batch.first().map(|(_, event)| event.id.to_string()).unwrap_or_default(),
            event.count = batch.len(),
            http.status = attempt.status.unwrap_or_default(),
            duration_ms = attempt.duration_ms,
            failure = attempt.failure.as_deref().unwrap_or_default(),
            "attempted"
        );
        (attempt, result)
    }

    async fn delivered(&mut self, batch: &[Item], attempt: &Attempt) -> Result<(), StoreError> {
        let finish = Finish { state: DeliveryState::Delivered, reason: None, attempt: Some(attempt.clone()) };
        let (store, queue, finish) = (&self.drain.store, self.queue, &finish);
        try_join_all(batch.iter().map(|(queued, _)| store.finish(queue, queued.delivery.event, finish))).await?;
        let now = self.now();
        self.tally.delivered += batch.len();
        self.tally.latency_ms.extend(
            batch.iter().map(|(_, event)| u64::try_from(now.since(event.id.time()).as_millis()).unwrap_or(u64::MAX)),
        );
        self.health.failures = 0;
        self.health.refusals = 0;
        self.health.throttled_since = None;
        self.health.last_success = Some(now);
        Ok(())
    }

    pub(super) async fn record(&self, batch: &[Item], attempt: &Attempt) -> Result<(), StoreError> {
        let (store, queue) = (&self.drain.store, self.queue);
        try_join_all(batch.iter().map(|(queued, _)| store.record_attempt(queue, queued.delivery.event, attempt)))
            .await?;
        Ok(())
    }

    pub(super) async fn divert(
        &mut self,
        (_, event): &Item,
        reason: &str,
        attempt: Option<Attempt>,
    ) -> Result<(), StoreError> {
        tracing::warn!(queue = self.queue, event.id = %event.id, reason, "an event was diverted");
        self.tally.diverted += 1;
        self.drain.store.divert(self.queue, event, reason, attempt.as_ref()).await.map(|_| ())
    }

    /// Stops delivery, unless the webhook was changed since this worker looked at it: then it goes by what it is now.
    pub(super) async fn suspend(&mut self, reason: &str, endpoint_gone: bool) -> Result<Next, StoreError> {
        let suspension = Suspension { at: self.now(), reason: reason.to_owned(), endpoint_gone };
        if self.drain.store.suspend_webhook(&self.webhook, &suspension, &self.token, &self.progress()).await? {
            tracing::error!(queue = self.queue, reason, "a webhook was suspended");
            self.tally.suspended += 1;
            return Ok(Next::Leave);
        }
        Ok(if self.renew(None).await? { Next::Again } else { Next::Leave })
    }

    pub(super) fn warn(&mut self, attempt: &Attempt) {
        tracing::warn!(
            queue = self.queue,
            failures = self.health.failures,
            failure = text(attempt),
            "a webhook is half way to its suspension"
        );
        self.tally.warned += 1;
    }

    fn scheduled(&self, failures: u32) -> Option<Duration> {
        schedule::delay(failures, self.drain.store.random_fraction())
    }
}

/// How often the delivery has failed since it was queued. Being asked to wait is no failure.
fn failures_of(item: &Item) -> usize {
    attempts_of(item).filter(|attempt| attempt.status != Some(429)).count()
}

/// How often its receiver has asked to wait since it was queued.
fn throttles_of(item: &Item) -> usize {
    attempts_of(item).filter(|attempt| attempt.status == Some(429)).count()
}

fn attempts_of((queued, _): &Item) -> impl Iterator<Item = &Attempt> {
    queued.delivery.attempts.iter().filter(|attempt| attempt.at >= queued.delivery.queued)
}

pub(super) fn text(attempt: &Attempt) -> &str {
    attempt.failure.as_deref().unwrap_or("no reason was given")
}
