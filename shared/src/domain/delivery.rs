//! Deliveries: one event on its way to one webhook, and the queue they wait in.

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
}

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
}
