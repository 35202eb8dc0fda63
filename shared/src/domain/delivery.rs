//! Deliveries, their attempts, and the state of the queue in which they wait.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::{EventId, History, Hold, Timestamp, Told, Trigger};

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits in its queue.
    Pending,
    /// The endpoint has accepted it.
    Delivered,
    /// It failed for good and is kept aside. It can be listed, resent or deleted.
    Diverted,
    /// It ended without being delivered: by the owner's failure policy, by deletion or by the retention.
    Discarded,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The state with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    /// The state's name in items, routes and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Diverted => "diverted",
            Self::Discarded => "discarded",
        }
    }
}

/// One HTTP request that carried this delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When the request was sent.
    pub at: Timestamp,
    /// The reply's status; `None` if there was no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the request took, in milliseconds.
    pub duration_ms: u64,
    /// Why the attempt failed: the error, or the first 1 KB of the reply, redacted. `None` on success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Attempt {
    /// The attempt's result in the spelling of a failure policy's triggers: the status, or `timeout` if there was no
    /// reply.
    #[must_use]
    pub fn trigger(&self) -> String {
        self.status.map_or(Trigger::Timeout, Trigger::Status).to_string()
    }

    /// The class of the attempt's result. Log lines say only this and the status.
    #[must_use]
    pub fn class(&self) -> AttemptClass {
        match (self.status, &self.failure) {
            (_, None) => AttemptClass::Delivered,
            (None, Some(_)) => AttemptClass::NoReply,
            (Some(200..=299), Some(_)) => AttemptClass::Unconfirmed,
            (Some(429), Some(_)) => AttemptClass::Throttled,
            (Some(401 | 403 | 404 | 410), Some(_)) => AttemptClass::Gone,
            (Some(408 | 425 | ..=399 | 500..), Some(_)) => AttemptClass::Trouble,
            (Some(_), Some(_)) => AttemptClass::Refused,
        }
    }
}

/// The class of an attempt's result. Its text is fixed, so it contains nothing of a URL or a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptClass {
    /// The endpoint accepted the message.
    Delivered,
    /// There was no reply: a timeout, or an error of name resolution, connection or TLS.
    NoReply,
    /// 2xx, but the body shows that something other than the endpoint answered.
    Unconfirmed,
    /// 429: the receiver asks to wait.
    Throttled,
    /// 401, 403, 404 or 410: the endpoint is gone or rejects our requests.
    Gone,
    /// A problem of the receiver: 5xx, 408, 425, a redirect, or a status that no RFC defines.
    Trouble,
    /// Any other 4xx: the endpoint refused this message.
    Refused,
}

impl fmt::Display for AttemptClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered => "delivered",
            Self::NoReply => "no_reply",
            Self::Unconfirmed => "unconfirmed",
            Self::Throttled => "throttled",
            Self::Gone => "gone",
            Self::Trouble => "trouble",
            Self::Refused => "refused",
        })
    }
}

/// The most attempts that are stored with a delivery. Beyond that, attempts in the middle are dropped.
pub const MAX_ATTEMPTS: usize = 50;

/// How many of the first attempts are kept when others are dropped. How a failure began says more than its middle.
const FIRST_ATTEMPTS: usize = 10;

/// The most bytes of failure texts that are stored with a delivery. Together with a copy of its event, up to 256 KB,
/// the item stays below DynamoDB's limit of 400 KB.
const MAX_FAILURE_BYTES: usize = 64 * 1024;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The event's id.
    pub event: EventId,
    /// The event's type. Deliveries that were put by the version before do not have it.
    pub event_type: Option<String>,
    /// The event's project, if it has one. Deliveries that were put by the version before do not have it.
    pub project: Option<String>,
    /// The delivery's state.
    pub state: DeliveryState,
    /// When the delivery was queued, or was last made pending again. The retention counts from here.
    pub queued: Timestamp,
    /// When the delivery left the state `pending`.
    pub finished: Option<Timestamp>,
    /// Why the delivery was diverted or discarded.
    pub reason: Option<String>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// Since when it has waited to be delivered: since its event was accepted, or since it was last made pending again.
    #[must_use]
    pub fn waits_since(&self) -> Timestamp {
        let again = self.attempts.first().is_some_and(|first| first.at < self.queued);
        if again { self.queued } else { self.event.time() }
    }

    /// The attempts with this one added, limited to [`MAX_ATTEMPTS`] and to 64 KB of failure texts. Attempts in the
    /// middle are dropped first.
    #[must_use]
    pub fn attempts_with(&self, attempt: &Attempt) -> Vec<Attempt> {
        let mut all = self.attempts.clone();
        all.push(attempt.clone());
        let bytes = |all: &[Attempt]| all.iter().filter_map(|a| a.failure.as_ref()).map(String::len).sum::<usize>();
        while all.len() > MAX_ATTEMPTS || (all.len() > 2 && bytes(&all) > MAX_FAILURE_BYTES) {
            all.remove(FIRST_ATTEMPTS.min(all.len() / 2));
        }
        all
    }
}

/// A request to resend finished deliveries, and its progress. Drain works on it page by page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResendCursor {
    /// The event of the next delivery to look at.
    pub next: EventId,
    /// The event of the last delivery to look at.
    pub last: EventId,
    /// The state of the deliveries to resend.
    pub state: DeliveryState,
    /// When the resend was requested. Deliveries that finished later are not resent.
    pub requested: Timestamp,
}

/// The progress of spread tasks that are done together: which webhooks their events have been queued for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadCursor {
    /// The events of the tasks. The same webhooks want all of them.
    pub events: Vec<EventId>,
    /// The last webhook for which the events were queued, as `<api>:<id>`.
    pub after: String,
}

/// The state of a webhook's queue or of a lane of spread tasks: the content of its item `QUEUE`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueState {
    /// The count of touches. Each touch says that deliveries were put.
    pub touched: u64,
    /// A lower bound of the ids of pending deliveries.
    pub head: Option<EventId>,
    /// From when on the queue should be worked on; `None` while it is empty or held.
    pub due_at: Option<Timestamp>,
    /// No delivery is sent before this moment, because of a retry's wait or `Retry-After`.
    pub not_before: Option<Timestamp>,
    /// No message of any kind is sent before this moment, because of the form's pace.
    pub paced_until: Option<Timestamp>,
    /// The token of the worker that has the lease, and when the lease expires.
    pub lease: Option<(String, Timestamp)>,
    /// Why the queue is held, if it is.
    pub held: Option<Hold>,
    /// The webhook's generation at the last change that affects delivery.
    pub generation: u64,
    /// How many failures there were in a row, over all events of the queue: the position in the retry schedule.
    pub failures: u32,
    /// How many failures there were in a row, also those after which the webhook's own failure policy went on with
    /// another event.
    pub in_a_row: u32,
    /// How many events in a row the endpoint refused for good.
    pub refusals: u32,
    /// Since when the endpoint has answered nothing but 429.
    pub throttled_since: Option<Timestamp>,
    /// A request to resend finished deliveries, if there is one.
    pub resend: Option<ResendCursor>,
    /// When the endpoint last accepted a message.
    pub last_success: Option<Timestamp>,
    /// When the endpoint last failed.
    pub last_failure: Option<Timestamp>,
    /// For a lane of spread tasks: the progress of the first tasks.
    pub spread: Option<SpreadCursor>,
    /// What happened in each of the last 24 hours; empty for a lane of spread tasks.
    pub history: History,
    /// What operational events have told about the webhook.
    pub told: Told,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(attempts: usize, failure: usize) -> Delivery {
        let attempt = |number| Attempt {
            at: Timestamp(i64::try_from(number).unwrap()),
            status: Some(500),
            duration_ms: 1,
            failure: Some("x".repeat(failure)),
        };
        Delivery {
            event: EventId::new(Timestamp(0), 1),
            event_type: None,
            project: None,
            state: super::super::DeliveryState::Pending,
            queued: Timestamp(0),
            finished: None,
            reason: None,
            attempts: (0..attempts).map(attempt).collect(),
        }
    }

    #[test]
    fn the_first_attempts_and_the_last_are_remembered() {
        let last = Attempt { at: Timestamp(9_999), status: None, duration_ms: 0, failure: None };
        let mut all = delivery(0, 10);
        for number in 0..600 {
            let attempt = Attempt { at: Timestamp(number), ..last.clone() };
            all.attempts = all.attempts_with(&attempt);
        }
        let kept = all.attempts_with(&last);
        assert_eq!(kept.len(), MAX_ATTEMPTS);
        assert_eq!(kept[..10].iter().map(|a| a.at.0).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        assert_eq!(kept.last(), Some(&last));
    }

    #[test]
    fn an_item_that_grew_too_large_under_an_earlier_version_shrinks_with_its_next_attempt() {
        let old = delivery(390, 1_024);
        let kept = old.attempts_with(&old.attempts[0]);
        assert!(kept.len() <= MAX_ATTEMPTS);
        let bytes: usize = kept.iter().filter_map(|a| a.failure.as_ref()).map(String::len).sum();
        assert!(bytes <= MAX_FAILURE_BYTES, "{bytes}");
    }
}
