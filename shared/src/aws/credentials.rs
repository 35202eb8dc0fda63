//! Keeps credentials for as long as they are valid.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, Result},
};
use tokio::sync::Mutex;

/// How long before they expire credentials are replaced: the SDK's default.
const BUFFER: Duration = Duration::from_secs(10);

/// Credentials that were asked for once, until shortly before they expire. A provider may ask another service each time.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptCredentials(Arc<Mutex<Option<Credentials>>>);

impl KeptCredentials {
    /// Returns the credentials that are valid now, from the provider if there are none yet.
    pub(super) async fn get(&self, provider: &impl ProvideCredentials, now: SystemTime) -> Result {
        // Held while the provider works, so that it is asked once.
        let mut kept = self.0.lock().await;
        let is_valid = |credentials: &&Credentials| credentials.expiry().is_none_or(|expiry| now + BUFFER < expiry);
        if let Some(credentials) = kept.as_ref().filter(is_valid) {
            return Ok(credentials.clone());
        }
        Ok(kept.insert(provider.provide_credentials().await?).clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_credential_types::provider::future;

    use super::*;

    /// Gives credentials that expire an hour after 1970, then two hours, and so on.
    #[derive(Debug, Default)]
    struct Hourly(AtomicU64);

    impl ProvideCredentials for Hourly {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let hour = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(3600 * hour);
            future::ProvideCredentials::ready(Ok(Credentials::new(
                hour.to_string(),
                "hidden",
                None,
                Some(expiry),
                "test",
            )))
        }
    }

    #[tokio::test]
    async fn credentials_are_kept_until_they_are_about_to_expire() {
        let (provider, kept) = (Hourly::default(), KeptCredentials::default());
        for (second, wanted) in [(0, "1"), (3589, "1"), (3590, "2"), (3600, "2"), (7190, "3")] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
            assert_eq!(kept.get(&provider, now).await.unwrap().access_key_id(), wanted, "after {second} s");
        }
        let other = kept.clone().get(&provider, SystemTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(other.access_key_id(), "3", "clones share them");
        assert!(!format!("{kept:?}").contains("hidden"));
    }
}
