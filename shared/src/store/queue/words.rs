//! The types with which queues are touched, leased, renewed and released.

use crate::domain::{EventId, History, QueueState, ResendCursor, SpreadCursor, Timestamp};

/// How far the clocks of two workers may differ, in milliseconds. A lease counts as live for that much longer.
pub const SKEW_MS: i64 = 2_000;

/// The result of touching a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The queue can be delivered now and no worker holds it: wake drain.
    Due,
    /// A worker holds the lease and will see the touch, or nothing may be sent yet. The index of due queues brings the
    /// queue up when it is time.
    Later,
    /// The queue is held; the event waits in it.
    Held,
    /// The webhook has been deleted.
    Deleted,
}

/// The purpose for which a queue or a lane is leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseFor {
    /// To process pending items. Only granted if they may be sent now.
    Delivery,
    /// To send a test message for the owner, even if the queue is delayed or held.
    TestMessage,
}

/// The result of trying to lease a queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Lease {
    /// The caller has the lease; this is the queue's state.
    Taken(Box<QueueState>),
    /// Another worker has the lease.
    Busy,
    /// Nothing may be sent before that time.
    Wait(Timestamp),
    /// The queue is held or does not exist.
    Held,
}

/// What a worker writes when it renews its lease.
#[derive(Clone, Debug, Default)]
pub struct Renewal {
    /// The new end of the lease.
    pub until: Timestamp,
    /// The queue's new head, with the count of touches that the worker saw. Written only if the queue was not touched
    /// since.
    pub head: Option<(EventId, u64)>,
    /// The endpoint's health, with the generation of the webhook at which it was observed. Written only if the webhook
    /// is still at that generation.
    pub health: Option<(Health, u64)>,
    /// No message is sent before this time.
    pub paced_until: Option<Timestamp>,
    /// How far a resend has come; `Some(None)` ends it.
    pub resend: Option<Option<ResendCursor>>,
    /// How far the spreading of events has come; `Some(None)` ends it.
    pub spread: Option<Option<SpreadCursor>>,
    /// The whole history of the queue, which replaces the stored one; `None` leaves that as it is.
    pub history: Option<History>,
}

impl Renewal {
    /// Whether the health was observed at that generation of the webhook; also true if there is no health.
    pub(super) fn is_of(&self, generation: u64) -> bool {
        self.health.as_ref().is_none_or(|(_, seen)| *seen == generation)
    }
}

/// The health of an endpoint, as its replies so far show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The number of consecutive failures.
    pub failures: u32,
    /// The number of consecutive failures, also those after which the webhook's own failure policy went on with another
    /// event.
    pub in_a_row: u32,
    /// The number of consecutive refusals.
    pub refusals: u32,
    /// Since when all replies have been 429; `None` if they have not.
    pub throttled_since: Option<Timestamp>,
    /// When a delivery was last accepted.
    pub last_success: Option<Timestamp>,
    /// When a delivery last failed.
    pub last_failure: Option<Timestamp>,
}

impl Health {
    /// Reads the health from a queue's state.
    #[must_use]
    pub fn of(queue: &QueueState) -> Self {
        Self {
            failures: queue.failures,
            in_a_row: queue.in_a_row,
            refusals: queue.refusals,
            throttled_since: queue.throttled_since,
            last_success: queue.last_success,
            last_failure: queue.last_failure,
        }
    }
}

/// The state in which a worker releases a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing is pending. The queue stops being due, unless it was touched since this count.
    Empty {
        /// The count of touches before the read that found nothing.
        touched: u64,
    },
    /// More is pending, but the worker has run out of time. The queue is due at once.
    More,
    /// Nothing may be sent before that time.
    NotBefore(Timestamp),
    /// The queue stays as it was before the lease.
    AsItWas,
}
