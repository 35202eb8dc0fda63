//! How a worker leaves a queue.

/// How a worker left its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// There is nothing more to do now: the queue is empty, held, delayed, or leased by another worker.
    Alone,
    /// The time was up while there was more to send. Another invocation continues at once.
    More,
}
