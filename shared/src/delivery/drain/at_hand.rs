//! The drain function's dependencies.

use std::sync::Arc;

use crate::{
    delivery::{sender::Sender, waker::Wake},
    domain::Clock,
    store::Store,
};

/// The drain function with its dependencies.
#[derive(Clone)]
pub struct Drain {
    /// The tables.
    pub store: Store,
    /// Sends the messages and notices.
    pub sender: Arc<dyn Sender>,
    /// Invokes drain again for queues that are not finished in time.
    pub waker: Arc<dyn Wake>,
}

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Drain {
    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        self.store.clock()
    }
}
