//! What drain works with.

use std::sync::Arc;

use crate::{
    delivery::{sender::Sender, waker::Wake},
    domain::Clock,
    store::Store,
};

/// What drain works with.
#[derive(Clone)]
pub struct Drain {
    /// The tables.
    pub store: Store,
    /// Who sends.
    pub sender: Arc<dyn Sender>,
    /// Who wakes further drains.
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
