//! Deliveries: putting, reading and finishing them, and making finished ones pending again.

mod finishing;
mod pending;
mod reviving;

use crate::domain::{Attempt, Delivery, DeliveryState, EventId};

/// What putting a delivery met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New,
    /// It was there already.
    Known(DeliveryState),
}

/// A delivery waiting in its queue, with the partition of its event.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The delivery.
    pub delivery: Delivery,
    /// Where its event is.
    pub event_partition: String,
    /// How many bytes the event's data takes in memory while it is read, roughly; `None` if that was not written down.
    pub weight: Option<usize>,
    /// Whether the delivery has a copy of its event, since it was diverted before.
    pub kept: bool,
}

/// What was found of a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The lowest pending deliveries, in order.
    pub pending: Vec<Queued>,
    /// Where to go on, if so much of the queue is finished that not all of it was read over.
    pub beyond: Option<EventId>,
}

/// How a delivery leaves `pending`, unless it is diverted.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Its new state.
    pub state: DeliveryState,
    /// Why, unless it was delivered.
    pub reason: Option<String>,
    /// All attempts with the one that decided it ([`Delivery::attempts_with`]); `None` leaves them as they are.
    pub attempts: Option<Vec<Attempt>>,
}

/// What a worker must still have when it ends a delivery that did not arrive: the lease, and the state of the webhook that it
/// decided by. What was sent for an endpoint that has been replaced since, or by a worker that was too slow, ends nothing.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    /// The token of the lease.
    pub lease: &'a str,
    /// The generation of the queue.
    pub generation: u64,
}

/// Why a delivery ended that its owner has deleted: nothing brings it back.
pub(super) const DELETED: &str = "deleted by its owner";
