//! Deliveries: one event on its way to one webhook, and the queue they wait in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{EventId, Hold, Timestamp, Trigger};

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waiting in its queue.
    Pending,
    /// Answered 2xx.
    Delivered,
    /// Kept aside after failing for good.
    Diverted,
    /// Ended by the owner's policy, by deletion or by the retention.
    Discarded,
}

impl DeliveryState {
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
    /// When it was sent.
    pub at: Timestamp,
    /// The reply's status; absent when no reply came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the request took.
    pub duration_ms: u64,
    /// Why it counts as failed: the error, or the first 1 KB of the reply, redacted. Absent on success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl Attempt {
    /// What a failure policy's triggers are compared with, spelled as they are: the status, or `timeout`.
    #[must_use]
    pub fn trigger(&self) -> String {
        self.status.map_or(Trigger::Timeout, Trigger::Status).to_string()
    }

    /// What kind of end it had: all that a log line says of it besides its status.
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

/// What kind of end an attempt had. Its text is fixed: it holds nothing of a URL or of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptClass {
    /// The endpoint took the message.
    Delivered,
    /// No reply came: a timeout, or a fault of name resolution, connection or TLS.
    NoReply,
    /// The status says that it arrived, the body that somebody else answered.
    Unconfirmed,
    /// 429.
    Throttled,
    /// 401, 403, 404 or 410.
    Gone,
    /// The receiver's own trouble: 5xx, 408, 425, a redirect, or a status that no RFC knows.
    Trouble,
    /// Any other 4xx: this message was refused.
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

/// The most attempts that a delivery remembers; further ones are only counted in the metrics.
pub const MAX_ATTEMPTS: usize = 50;

/// How many of them are the first ones: how a failure began says more than its middle.
const FIRST_ATTEMPTS: usize = 10;

/// The most bytes of reasons that a delivery remembers. With a copy of its event of 256 KB its item stays below DynamoDB's 400 KB.
const MAX_FAILURE_BYTES: usize = 64 * 1024;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The event.
    pub event: EventId,
    /// How far it has come.
    pub state: DeliveryState,
    /// When fan-out queued it, or it was last made pending again: what its expiry counts from.
    pub queued: Timestamp,
    /// When it left `pending`.
    pub finished: Option<Timestamp>,
    /// Why it was diverted or discarded.
    pub reason: Option<String>,
    /// The requests made for it, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// The attempts with one more, bounded by [`MAX_ATTEMPTS`] and 64 KB of reasons: those in the middle are left out first.
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

/// A request to send finished deliveries again, worked through by drain a page at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResendCursor {
    /// The next delivery to look at.
    pub next: EventId,
    /// The last delivery to look at.
    pub last: EventId,
    /// Which deliveries are meant.
    pub state: DeliveryState,
    /// When it was asked for: what finished later is not sent again.
    pub requested: Timestamp,
}

/// How far the events that are being spread have come over their subscribers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadCursor {
    /// The events, which the same webhooks want.
    pub events: Vec<EventId>,
    /// The last webhook they were queued for, as `<api>:<id>`.
    pub after: String,
}

/// What a webhook's queue knows besides its deliveries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueState {
    /// How often fan-out has touched it.
    pub touched: u64,
    /// No pending delivery has a lower id.
    pub head: Option<EventId>,
    /// When it is to be looked at next; absent when empty or held.
    pub due_at: Option<Timestamp>,
    /// No delivery before this moment: backoff and Retry-After.
    pub not_before: Option<Timestamp>,
    /// No message at all before this moment: the receiver's rate.
    pub paced_until: Option<Timestamp>,
    /// The worker that drains it, until when.
    pub lease: Option<(String, Timestamp)>,
    /// Why it is not being delivered.
    pub held: Option<Hold>,
    /// The webhook's generation when what a delivery depends on last changed.
    pub generation: u64,
    /// Failures in a row of the queue as a whole: the place in the retry schedule.
    pub failures: u32,
    /// Events in a row that the endpoint refused for good.
    pub refusals: u32,
    /// Since when the endpoint has answered nothing but 429.
    pub throttled_since: Option<Timestamp>,
    /// Finished deliveries to be sent again.
    pub resend: Option<ResendCursor>,
    /// When the endpoint last accepted something.
    pub last_success: Option<Timestamp>,
    /// When the endpoint last failed.
    pub last_failure: Option<Timestamp>,
    /// For a lane of spread tasks: how far the first of them have come.
    pub spread: Option<SpreadCursor>,
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
