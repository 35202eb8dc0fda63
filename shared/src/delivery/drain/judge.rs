//! What a reply means for the events it was about, for the queue and for the webhook. The table of docs/delivery.md.

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

/// What a probe of the next event showed.
enum Probe {
    /// What is to be done with the queue.
    Decided(Next),
    /// Nothing about the first event; its receiver may have asked for time.
    Open {
        /// How long the queue is to be left alone at the least.
        wait: Option<Duration>,
    },
}

impl Worker<'_> {
    /// Sends one message with these events and does what its reply asks for; also whether they arrived. `next` is the event after
    /// them, if it is known.
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
            Verdict::Delivered | Verdict::Throttled { .. } => Ok(Next::Continue),
            Verdict::Retry { mut wait, .. } => {
                self.record(batch, &attempt).await?;
                self.health.failures = self.health.failures.saturating_add(1);
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
                    // Which event it was is found out by sending them one by one.
                    self.single_until = batch.last().map(|(queued, _)| queued.delivery.event);
                    return Ok(Next::Continue);
                };
                self.refused(head, attempt).await
            }
        }
    }

    /// The endpoint is gone or rejects our requests: the queue is kept, the webhook suspended.
    async fn gone(&mut self, batch: &[Item], attempt: &Attempt) -> Result<Next, StoreError> {
        self.record(batch, attempt).await?;
        self.suspend(&Reason::after("the endpoint is gone or rejects our requests", attempt), true).await
    }

    /// The endpoint refuses this one event.
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

    /// 429 is not a failure: the receiver is there and asks for time. Only a day of nothing else is one, and then it is for the
    /// owner's policy if there is one: `None`.
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

    /// Sends the event after one that keeps failing: if that one arrives, it was the event and not the endpoint. Its reply counts
    /// like any other.
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
                // Its own failure is recorded already.
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
