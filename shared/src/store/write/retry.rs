//! Retries while other writers are changing the same items.

use std::time::Duration;

use crate::store::{Store, StoreError};

/// How long conflicts are retried before the caller gets an error.
const PATIENCE: Duration = Duration::from_secs(5);

/// Approximately how long the first wait is; `LONGEST` is the limit for later ones.
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(400);

/// The result of one attempt.
pub(in crate::store) enum Tried<T> {
    /// The attempt succeeded or failed for good.
    Done(T),
    /// Another writer was at the items: read again and retry.
    Conflict,
}

impl Store {
    /// Runs `attempt` until it is decided. Waits a random, growing time between attempts, and gives up after five
    /// seconds.
    pub(super) async fn retry_conflicts<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<Tried<T>, StoreError>>,
    {
        let start = self.clock.monotonic();
        loop {
            if let Tried::Done(result) = attempt().await? {
                return Ok(result);
            }
            self.pause_for_conflict(start).await?;
        }
    }

    /// Waits after a conflict, longer the longer it has lasted. Fails once five seconds have passed since `start`.
    pub(in crate::store) async fn pause_for_conflict(&self, start: Duration) -> Result<(), StoreError> {
        let lasted = self.clock.monotonic().saturating_sub(start);
        let wait = FIRST.max(lasted / 2).min(LONGEST).mul_f64(0.5 + self.random_fraction());
        if lasted + wait > PATIENCE {
            return Err(StoreError::Contended);
        }
        self.clock.sleep(wait).await;
        Ok(())
    }
}
