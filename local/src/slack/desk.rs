//! What the stand-in holds while it runs.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{behaviour::Behaviours, contract::Contract, messages::Message, surroundings::Surroundings};
use crate::forward::Receiver;

/// What `DELETE /` forgets.
#[derive(Default)]
pub(super) struct Held {
    pub(super) messages: Vec<Message>,
    pub(super) behaviours: Behaviours,
    pub(super) contract: Contract,
    /// The receiver on this machine that the deliveries to each path are passed on to.
    pub(super) receivers: HashMap<String, Receiver>,
}

/// What has arrived and what is told, a signal for each arrival, and the stack around.
#[derive(Default)]
pub(super) struct Desk {
    held: Mutex<Held>,
    pub(super) arrived: Notify,
    pub(super) surroundings: Surroundings,
}

impl Desk {
    pub(super) fn new(surroundings: Surroundings) -> Self {
        Self { surroundings, ..Self::default() }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
