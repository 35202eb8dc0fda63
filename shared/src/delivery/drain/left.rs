//! How work on a queue ends.

/// How a worker left its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing is to be done: it is empty, held, delayed, or another worker's.
    Alone,
    /// Its time was up while there was more to send: another invocation goes on at once.
    More,
}
