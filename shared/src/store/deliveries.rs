//! Deliveries: putting, reading and finishing them, and making finished ones pending again.

mod finishing;
mod pending;
mod reviving;

use super::Announcement;
use crate::domain::{Attempt, Delivery, DeliveryState, EventId, ToldOfHour};

/// The result of putting a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The delivery is new.
    New,
    /// The delivery existed already, in this state.
    Known(DeliveryState),
}

/// A delivery to be put.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// The event's id.
    pub event: EventId,
    /// The event's type.
    pub event_type: &'a str,
    /// The event's project, if it has one.
    pub project: Option<&'a str>,
    /// The partition of the Events table that holds the event.
    pub event_partition: &'a str,
    /// Roughly how many bytes the event's data takes in memory while it is read.
    pub weight: usize,
}

/// A pending delivery in its queue, with the partition of its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The delivery.
    pub delivery: Delivery,
    /// The partition of the Events table that holds its event.
    pub event_partition: String,
    /// Roughly how many bytes the event's data takes in memory while it is read; `None` if that was not recorded.
    pub weight: Option<usize>,
    /// Whether the delivery keeps a copy of its event, because it was diverted before.
    pub kept: bool,
}

/// The result of reading a queue's pending deliveries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The lowest pending deliveries, in order.
    pub pending: Vec<Queued>,
    /// Where to continue reading. Set if the read stopped early because it passed over too many finished deliveries.
    pub beyond: Option<EventId>,
}

/// How a delivery ends, unless it is diverted.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Its new state.
    pub state: DeliveryState,
    /// Why it ended; `None` if it was delivered.
    pub reason: Option<String>,
    /// All attempts, including the one that decided the delivery ([`Delivery::attempts_with`]); `None` leaves the
    /// stored ones as they are.
    pub attempts: Option<Vec<Attempt>>,
}

/// What must still be true when a worker ends a delivery that failed: it holds the lease, and the webhook is at the
/// generation that the worker saw. A request to an endpoint that has been replaced since, or by a worker that was too
/// slow, ends nothing.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    /// The token of the lease.
    pub lease: &'a str,
    /// The generation of the webhook that the queue records.
    pub generation: u64,
}

/// What a queue remembers of a delivery that is diverted or has expired, so that an operational event tells of it: of
/// the first in an hour at once, and of the others with the first of a later hour.
#[derive(Clone, Copy, Debug)]
pub enum Remembered<'a> {
    /// Nothing: no event will tell of it.
    Nothing,
    /// One more that has not been told.
    Untold,
    /// That this event, which is put in the same transaction, has told of it and of all before it.
    Told {
        /// The event.
        announcement: &'a Announcement,
        /// The present hour.
        hour: i64,
        /// What the queue remembered before, by which the event was made.
        before: ToldOfHour,
    },
}

/// The reason of a delivery that its owner deleted. Such a delivery is never made pending again.
pub(super) const DELETED: &str = "deleted by its owner";
