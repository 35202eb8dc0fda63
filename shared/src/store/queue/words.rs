//! What leasing, renewing and releasing a queue is said in.

use crate::domain::{EventId, QueueState, ResendCursor, SpreadCursor, Timestamp};

/// How far the clocks of two workers may be apart, in milliseconds: a lease counts as live that much longer.
pub const SKEW_MS: i64 = 2_000;

/// What a touch met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The queue can be delivered now, and nobody is at work on it: drain is to be woken.
    Due,
    /// A worker has its lease and will see the touch, or nothing may be sent yet: the queue is due in the index when it is time.
    Later,
    /// The queue is held; the event waits in it.
    Held,
    /// The webhook is gone.
    Deleted,
}

/// What a queue or a lane is leased for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseFor {
    /// Working on what is pending: only if it may be sent now.
    Delivery,
    /// A test message that its owner sends, whatever delays or holds the queue.
    TestMessage,
}

/// What an attempt to lease a queue met.
#[derive(Clone, Debug, PartialEq)]
pub enum Lease {
    /// The queue is ours.
    Taken(Box<QueueState>),
    /// Another worker has it.
    Busy,
    /// Nothing may be sent before that moment.
    Wait(Timestamp),
    /// It is held, or the queue does not exist.
    Held,
}

/// What a worker writes while it keeps its lease.
#[derive(Clone, Debug, Default)]
pub struct Renewal {
    /// The lease's new end.
    pub until: Timestamp,
    /// The new lower bound, if nothing was touched since the worker saw this count.
    pub head: Option<(EventId, u64)>,
    /// The results of the endpoint's replies, and at which generation of the webhook: of an endpoint that has been changed
    /// since, nothing is written.
    pub health: Option<(Health, u64)>,
    /// No message before this moment.
    pub paced_until: Option<Timestamp>,
    /// Where a resend has come to; `Some(None)` ends it.
    pub resend: Option<Option<ResendCursor>>,
    /// Where the spreading of events has come to; `Some(None)` ends it.
    pub spread: Option<Option<SpreadCursor>>,
}

impl Renewal {
    /// Whether it was worked out at that generation of the webhook, or does not depend on one.
    pub(super) fn is_of(&self, generation: u64) -> bool {
        self.health.as_ref().is_none_or(|(_, seen)| *seen == generation)
    }
}

/// What the endpoint's replies so far say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// Refusals in a row.
    pub refusals: u32,
    /// Since when there was nothing but 429.
    pub throttled_since: Option<Timestamp>,
    /// When something was last accepted.
    pub last_success: Option<Timestamp>,
    /// When something last failed.
    pub last_failure: Option<Timestamp>,
}

impl Health {
    /// The health in a queue's state.
    #[must_use]
    pub fn of(queue: &QueueState) -> Self {
        Self {
            failures: queue.failures,
            refusals: queue.refusals,
            throttled_since: queue.throttled_since,
            last_success: queue.last_success,
            last_failure: queue.last_failure,
        }
    }
}

/// How a worker leaves a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing is pending: it stops being due, unless it was touched since this count.
    Empty {
        /// The count before the read that found nothing.
        touched: u64,
    },
    /// There is more, at once: the worker has run out of time.
    More,
    /// Nothing before that moment.
    NotBefore(Timestamp),
    /// As it was before the lease.
    AsItWas,
}
