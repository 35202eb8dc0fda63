//! The effect of a reply on its events, on the queue and on the webhook, by the table in docs/delivery.md.

use std::time::Duration;

use super::{
    Tally,
    limits::{MOST_REFUSALS, PROBE_AFTER, THROTTLED_FOR},
    worker::{Next, Ready, Worker},
};
use crate::{
    delivery::{
        outcome::{Answer, SendError, Verdict, body_bytes, classify, failure_text, status_of},
        reason::Reason,
        schedule,
    },
    domain::{Attempt, Event},
    store::{Queued, StoreError},
};

/// A delivery with its event.
pub(super) type Item = (Queued, Event);

/// The result of a probe with the next event.
enum Probe {
    /// The probe decides what to do with the queue.
    Decided(Next),
    /// The probe shows nothing about the first event.
    Open {
        /// How long the receiver asked to wait, if it did.
        wait: Option<Duration>,
    },
}

impl Worker<'_> {
    /// Sends one message with these events and handles the reply. Returns what to do next and whether the events were
    /// delivered. `next` is the event after them, if it is known.
    pub(super) async fn send(&mut self, batch: &[Item], next: Option<&Item>) -> Result<(Next, bool), StoreError> {
        let (attempt, result) = self.post(batch).await;
        let verdict = classify(&result);
        if verdict == Verdict::Delivered {
            return Ok((self.delivered(batch, &attempt, next.is_some()).await?, true));
        }
        let decided = match verdict {
            Verdict::Throttled { wait } => match self.throttled(batch, &attempt, wait).await? {
                Some(decided) => decided,
                None => self.failed(batch, next, attempt, verdict).await?,
            },
            _ => self.failed(batch, next, attempt, verdict).await?,
        };
        Ok((decided, false))
    }

    async fn failed(
        &mut self,
        batch: &[Item],
        next: Option<&Item>,
        attempt: Attempt,
        verdict: Verdict,
    ) -> Result<Next, StoreError> {
        self.note_failure(&attempt);
        match (&self.webhook.policy, batch) {
            (Some(policy), [item]) => {
                let policy = policy.clone();
                self.by_policy(&policy, item, attempt, verdict.wait()).await
            }
            _ => self.by_default(batch, next, attempt, verdict).await,
        }
    }

    fn note_failure(&mut self, attempt: &Attempt) {
        self.note(Tally { failed: 1, ..Tally::default() });
        self.health.last_failure = Some(attempt.at);
        self.health.throttled_since = None;
    }

    /// Handles a failed attempt by the default rules, for a webhook without its own failure policy and for digests.
    async fn by_default(
        &mut self,
        batch: &[Item],
        next: Option<&Item>,
        attempt: Attempt,
        verdict: Verdict,
    ) -> Result<Next, StoreError> {
        match verdict {
            // `send` has handled these.
            Verdict::Delivered | Verdict::Throttled { .. } => Ok(Next::Continue),
            Verdict::Retry { mut wait, .. } => {
                self.record(batch, &attempt).await?;
                self.count_failure(batch, &attempt).await?;
                if let ([head], Some(next)) = (batch, next)
                    && failures_of(head) + 1 >= PROBE_AFTER
                {
                    match self.probe(head, next, &attempt).await? {
                        Probe::Decided(decided) => return Ok(decided),
                        Probe::Open { wait: asked } => wait = wait.max(asked),
                    }
                }
                let Some(delay) = self.scheduled(self.health.failures) else {
                    let what = format!("given up after {} failures in a row", self.health.failures);
                    return self.suspend(&Reason::after(&what, &attempt), false).await;
                };
                if schedule::is_half(self.health.failures) {
                    self.warn(&attempt);
                }
                Ok(Next::Wait(self.now().plus(wait.map_or(delay, |wait| wait.max(delay)))))
            }
            Verdict::Gone => self.gone(batch, &attempt).await,
            Verdict::Unacceptable | Verdict::Refused => {
                let [head] = batch else {
                    // Send the events of the digest one by one to find the bad one.
                    self.single_until = batch.last().map(|(queued, _)| queued.delivery.event);
                    return Ok(Next::Continue);
                };
                self.refused(head, attempt).await
            }
        }
    }

    /// Suspends the webhook, because its endpoint is gone or rejects our requests. The queue is kept.
    async fn gone(&mut self, batch: &[Item], attempt: &Attempt) -> Result<Next, StoreError> {
        self.record(batch, attempt).await?;
        self.suspend(&Reason::after("the endpoint is gone or rejects our requests", attempt), true).await
    }

    /// Diverts an event that the endpoint refuses. Ten of them in a row suspend the webhook.
    async fn refused(&mut self, item: &Item, attempt: Attempt) -> Result<Next, StoreError> {
        if !self.divert(item, &Reason::of(&attempt), Some(&attempt)).await? {
            return self.left().await;
        }
        self.health.refusals = self.health.refusals.saturating_add(1);
        if self.health.refusals >= MOST_REFUSALS {
            let what = format!("{MOST_REFUSALS} events in a row were refused");
            return self.suspend(&Reason::after(&what, &attempt), false).await;
        }
        Ok(Next::Continue)
    }

    /// Handles a 429, which is not a failure: the receiver only asks to wait. A day of nothing but 429 suspends the
    /// webhook. If the webhook has its own failure policy, that decides after the day, and this returns `None`.
    async fn throttled(
        &mut self,
        batch: &[Item],
        attempt: &Attempt,
        wait: Option<Duration>,
    ) -> Result<Option<Next>, StoreError> {
        let since = *self.health.throttled_since.get_or_insert(attempt.at);
        let a_day = attempt.at.since(since) >= THROTTLED_FOR;
        if a_day && self.webhook.policy.is_some() {
            return Ok(None);
        }
        self.record(batch, attempt).await?;
        if a_day {
            let reason = Reason::ours("the endpoint has answered nothing but 429 for a day");
            return self.suspend(&reason, false).await.map(Some);
        }
        let tries = batch.first().map_or(0, throttles_of).saturating_add(1);
        let tries = u32::try_from(tries).unwrap_or(u32::MAX).min(schedule::LAST);
        let wait = wait.or_else(|| self.scheduled(tries));
        Ok(Some(Next::Wait(self.now().plus(wait.unwrap_or_default()))))
    }

    /// Sends the event after `head`, which keeps failing. If the next one is delivered, `head` is bad and not the
    /// endpoint, so `head` is diverted. The reply to the probe counts like any other.
    async fn probe(&mut self, head: &Item, next: &Item, failed: &Attempt) -> Result<Probe, StoreError> {
        let generation = self.state.generation;
        match self.ready().await? {
            Ready::Yes if self.state.generation == generation => {}
            Ready::Yes | Ready::Stop => return Ok(Probe::Open { wait: None }),
            Ready::Lost => return Ok(Probe::Decided(Next::Leave)),
        }
        let probed = std::slice::from_ref(next);
        let (attempt, result) = self.post(probed).await;
        let verdict = classify(&result);
        Ok(match verdict {
            Verdict::Delivered => {
                let decided = self.delivered(probed, &attempt, false).await?;
                // The last failure of `head` is recorded already.
                if decided == Next::Continue && !self.divert(head, &Reason::of(failed), None).await? {
                    return self.left().await.map(Probe::Decided);
                }
                Probe::Decided(decided)
            }
            Verdict::Throttled { wait } => match self.throttled(probed, &attempt, wait).await? {
                Some(Next::Wait(until)) => Probe::Open { wait: Some(until.since(self.now())) },
                Some(decided) => Probe::Decided(decided),
                None => Probe::Open { wait },
            },
            Verdict::Retry { wait, .. } => {
                self.note_failure(&attempt);
                self.record(probed, &attempt).await?;
                Probe::Open { wait }
            }
            Verdict::Gone => {
                self.note_failure(&attempt);
                Probe::Decided(self.gone(probed, &attempt).await?)
            }
            Verdict::Unacceptable | Verdict::Refused => {
                self.note_failure(&attempt);
                match self.refused(next, attempt).await? {
                    Next::Continue => Probe::Open { wait: None },
                    decided => Probe::Decided(decided),
                }
            }
        })
    }

    async fn post(&mut self, batch: &[Item]) -> (Attempt, Result<Answer, SendError>) {
        let events: Vec<&Event> = batch.iter().map(|(_, event)| event).collect();
        self.hops = events.iter().map(|event| event.hops).max().unwrap_or_default();
        let at = self.now();
        let started = self.drain.clock().monotonic();
        let result = match self.form.compose(&self.webhook, &events, at) {
            Ok(post) => self.drain.sender.post(&post).await,
            Err(error) => Err(error),
        };
        let duration = self.drain.clock().monotonic().saturating_sub(started);
        self.fresh = false;
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
            class = %attempt.class(),
            fault = result.as_ref().err().map(SendError::kind).unwrap_or_default(),
            http.body_bytes = body_bytes(&result),
            "attempted"
        );
        (attempt, result)
    }

    pub(super) fn scheduled(&self, failures: u32) -> Option<Duration> {
        schedule::delay(failures, self.drain.store.random_fraction())
    }
}

/// How many attempts have failed since the delivery was queued. A 429 is not a failure.
fn failures_of(item: &Item) -> usize {
    attempts_of(item).filter(|attempt| attempt.status != Some(429)).count()
}

/// How many attempts were answered with 429 since the delivery was queued.
fn throttles_of(item: &Item) -> usize {
    attempts_of(item).filter(|attempt| attempt.status == Some(429)).count()
}

fn attempts_of((queued, _): &Item) -> impl Iterator<Item = &Attempt> {
    queued.delivery.attempts.iter().filter(|attempt| attempt.at >= queued.delivery.queued)
}
