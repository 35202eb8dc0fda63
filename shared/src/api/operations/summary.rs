//! How an organization's webhooks are doing, in one reply.

use std::time::Duration;

use serde::Serialize;

use super::{history::HourBody, state::State, webhook::WebhookBody};
use crate::domain::{Counts, HISTORY_HOURS, HourOfHistory, OperationalEvent, QueueState, Timestamp, Webhook, hour_of};

/// An event that has waited for longer than this is trouble.
const LONG_WAIT: Duration = Duration::from_secs(600);

/// The most webhooks in trouble that are shown.
const MOST_SHOWN: usize = 100;

/// What may be wrong with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Trouble {
    /// The system has stopped delivery after failures.
    Suspended,
    /// An event has waited for more than ten minutes.
    Waiting,
    /// At least three attempts in a row have failed, and no event has waited for ten minutes yet.
    Failing,
    /// A delivery was diverted in the last 24 hours.
    Diverted,
    /// A delivery has expired in the last 24 hours: it waited for longer than the retention.
    Expired,
}

impl Trouble {
    /// What is wrong with the webhook, whose queue is `queue`; the worst first.
    fn of(webhook: &Webhook, queue: &QueueState, now: Timestamp) -> Vec<Self> {
        let state = State::of(webhook, queue);
        // What the owner has stopped is no trouble.
        let failing = state == State::Retrying && queue.failures >= OperationalEvent::FAILING_AFTER;
        let stopped = matches!(state, State::Paused | State::Inactive);
        let waits = queue.head.is_some_and(|head| now.since(head.time()) > LONG_WAIT);
        let diverted = queue.history.last_day(now).iter().any(|hour| hour.counts.diverted > 0);
        let expired = queue.told.expired.hour.is_some_and(|hour| hour_of(now) - hour < HISTORY_HOURS as i64);
        let all = [
            (state == State::Suspended, Self::Suspended),
            (waits && !stopped, Self::Waiting),
            (failing && !waits, Self::Failing),
            (diverted, Self::Diverted),
            (expired, Self::Expired),
        ];
        all.into_iter().filter_map(|(is, trouble)| is.then_some(trouble)).collect()
    }
}

/// A webhook in trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookInTrouble"))]
pub struct TroubleBody {
    /// The webhook.
    pub webhook: WebhookBody,
    /// What is wrong, the worst first.
    pub trouble: Vec<Trouble>,
}

/// How many webhooks are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "WebhookCounts"))]
pub struct StateCounts {
    /// Events are delivered.
    pub delivering: usize,
    /// The last attempt failed.
    pub retrying: usize,
    /// The owner has stopped delivery.
    pub paused: usize,
    /// The system has stopped delivery.
    pub suspended: usize,
    /// The owner has switched the webhook off.
    pub inactive: usize,
}

impl StateCounts {
    fn add(&mut self, state: State) {
        let count = match state {
            State::Delivering => &mut self.delivering,
            State::Retrying => &mut self.retrying,
            State::Paused => &mut self.paused,
            State::Suspended => &mut self.suspended,
            State::Inactive => &mut self.inactive,
        };
        *count += 1;
    }
}

/// How the organization's webhooks are doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Summary"))]
pub struct SummaryBody {
    /// How many webhooks are in each state, notification targets included.
    pub states: StateCounts,
    /// What is in trouble, the worst first; at most 100 webhooks.
    pub trouble: Vec<TroubleBody>,
    /// The last 24 hours of all webhooks together, oldest first.
    pub history: Vec<HourBody>,
}

/// A summary under construction.
#[derive(Debug)]
pub struct Summing {
    now: Timestamp,
    states: StateCounts,
    trouble: Vec<(Trouble, Timestamp, TroubleBody)>,
    hours: [HourOfHistory; HISTORY_HOURS],
}

impl Summing {
    /// A summary of no webhooks.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let (states, trouble) = (StateCounts::default(), Vec::new());
        Self { now, states, trouble, hours: QueueState::default().history.last_day(now) }
    }

    /// Adds a webhook, whose queue is `queue`.
    pub fn add(&mut self, webhook: &Webhook, queue: &QueueState) {
        self.states.add(State::of(webhook, queue));
        for (sum, hour) in self.hours.iter_mut().zip(queue.history.last_day(self.now)) {
            let Counts { delivered, failed, diverted } = hour.counts;
            sum.counts.delivered = sum.counts.delivered.saturating_add(delivered);
            sum.counts.failed = sum.counts.failed.saturating_add(failed);
            sum.counts.diverted = sum.counts.diverted.saturating_add(diverted);
        }
        let trouble = Trouble::of(webhook, queue, self.now);
        if let Some(worst) = trouble.first() {
            let oldest = queue.head.map_or(self.now, |head| head.time());
            self.trouble.push((*worst, oldest, TroubleBody { webhook: WebhookBody::new(webhook, queue), trouble }));
        }
    }

    /// The summary of the webhooks that were added.
    #[must_use]
    pub fn finish(mut self) -> SummaryBody {
        self.trouble.sort_by_key(|(worst, oldest, _)| (*worst, *oldest));
        self.trouble.truncate(MOST_SHOWN);
        let trouble = self.trouble.into_iter().map(|(_, _, body)| body).collect();
        SummaryBody { states: self.states, trouble, history: self.hours.into_iter().map(HourBody::from).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventId, OrganizationId, Secret, Suspension, WebhookKey};

    const NOW: Timestamp = Timestamp(1_743_416_100_000);

    fn webhook(id: u64) -> Webhook {
        let organization = OrganizationId::parse("acme").unwrap();
        Webhook::new(organization, WebhookKey::sdelements(id), "n".to_owned(), Secret::new("https://x"), Timestamp(0))
    }

    #[test]
    fn what_is_worst_comes_first_and_what_the_owner_stopped_is_no_trouble() {
        let waiting = |minutes: i64| QueueState {
            head: Some(EventId::new(Timestamp(NOW.0 - minutes * 60_000), 0)),
            ..QueueState::default()
        };
        let mut diverted = QueueState::default();
        diverted.history.add(NOW, Counts { diverted: 2, delivered: 5, ..Counts::default() });
        let mut suspended = webhook(4);
        suspended.suspended = Some(Suspension { at: NOW, reason: "HTTP 404".to_owned(), endpoint_gone: true });
        let mut paused = webhook(5);
        paused.pause(NOW);
        let mut summing = Summing::new(NOW);
        let failing = |failures| QueueState { failures, ..QueueState::default() };
        for (webhook, queue) in [
            (&webhook(7), &failing(2)),
            (&webhook(8), &failing(3)),
            (&webhook(1), &diverted),
            (&webhook(2), &waiting(11)),
            (&webhook(3), &waiting(60)),
            (&suspended, &waiting(1)),
            (&paused, &waiting(60)),
            (&webhook(6), &waiting(10)),
        ] {
            summing.add(webhook, queue);
        }
        let summary = serde_json::to_value(summing.finish()).unwrap();
        let trouble: Vec<_> = summary["trouble"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{} {}", one["webhook"]["id"].as_str().unwrap(), one["trouble"]))
            .collect();
        let wanted = [
            r#"sdelements:4 ["suspended"]"#,
            r#"sdelements:3 ["waiting"]"#,
            r#"sdelements:2 ["waiting"]"#,
            r#"sdelements:8 ["failing"]"#,
            r#"sdelements:1 ["diverted"]"#,
        ];
        assert_eq!(trouble, wanted);
        let counts = r#"{"delivering":4,"inactive":0,"paused":1,"retrying":2,"suspended":1}"#;
        assert_eq!(summary["states"], serde_json::from_str::<serde_json::Value>(counts).unwrap());
        assert_eq!((&summary["history"][23]["delivered"], &summary["history"][23]["diverted"]), (&5.into(), &2.into()));
    }
}
