//! The dependencies of an HTTP function.

use super::Callers;
use crate::{delivery::Waker, store::Store};

/// The dependencies of an HTTP function. They are made once, before the first request.
#[derive(Debug)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The callers whose tokens were read in the last minute.
    pub callers: Callers,
    /// Wakes drain.
    pub waker: Waker,
}
