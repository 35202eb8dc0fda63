//! Waiting for what happens in other processes: never for ever.

use std::time::{Duration, Instant};

/// After how long a test fails that waits in vain.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Asks again and again until `done` says yes; fails the test with what it waited for.
pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !done().await {
        assert!(start.elapsed() < LONGEST, "waited {LONGEST:?} for {what}");
        tokio::task::yield_now().await;
    }
}
