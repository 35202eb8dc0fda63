//! What a function has at hand.

use super::Callers;
use crate::{delivery::Waker, store::Store};

/// What an HTTP function has at hand; made once, before the first request.
#[derive(Debug)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The tokens that were seen lately.
    pub callers: Callers,
    /// How drain is woken.
    pub waker: Waker,
}
