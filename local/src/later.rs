//! Functions that are built while the stack runs.

use std::collections::BTreeSet;

use tokio::sync::watch;

/// The progress of building them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// They are being built.
    Building,
    /// They are built.
    Built,
    /// They could not be built.
    Failed,
}

/// The functions that are not built yet.
#[derive(Clone, Debug)]
pub struct Later {
    built: BTreeSet<String>,
    progress: watch::Receiver<Progress>,
}

impl Later {
    /// All functions except those whose binaries have these names. Whoever builds them reports it through the sender. If
    /// the sender is dropped, they are never built.
    pub fn all_but(built: impl IntoIterator<Item = String>) -> (watch::Sender<Progress>, Self) {
        let (sender, progress) = watch::channel(Progress::Building);
        (sender, Self { built: built.into_iter().collect(), progress })
    }

    /// Whether the function with that binary cannot be started yet.
    pub(crate) fn is_building(&self, binary: &str) -> bool {
        *self.progress.borrow() != Progress::Built && !self.built.contains(binary)
    }

    /// Waits until all are built. Returns false if they could not be.
    pub(crate) async fn done(&self) -> bool {
        let ended = |progress: &Progress| *progress != Progress::Building;
        match self.progress.clone().wait_for(ended).await {
            Ok(progress) => *progress == Progress::Built,
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_built_is_not_waited_for_and_the_rest_until_it_is() {
        let (progress, later) = Later::all_but(["first".to_owned()]);
        assert!(!later.is_building("first") && later.is_building("second"));
        let waiting = tokio::spawn({
            let later = later.clone();
            async move { later.done().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        progress.send_replace(Progress::Built);
        assert!(waiting.await.unwrap());
        assert!(!later.is_building("second"));
    }

    #[tokio::test]
    async fn what_fails_or_is_given_up_is_not_waited_for() {
        let (progress, later) = Later::all_but([]);
        progress.send_replace(Progress::Failed);
        assert!(!later.done().await && later.is_building("any"));
        let (progress, later) = Later::all_but([]);
        drop(progress);
        assert!(!later.done().await);
    }
}
