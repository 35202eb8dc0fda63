//! Finds callers by their keys, and caches them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    domain::{Caller, Token, WebhookKey},
    encoding::sha256_hex,
    store::{ReadWebhook, Store, StoreError},
};

/// For how long a warm function caches a token. A revocation takes effect within this time.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The most tokens that a warm function caches.
const MOST: usize = 1_000;

/// The webhook that was requested together with its caller. If the token had to be read, the webhook was read with it.
/// If the token was cached, the webhook is read when it is needed.
#[derive(Debug)]
pub struct Prefetched(Option<ReadWebhook>);

impl Prefetched {
    /// The webhook `key`, which must be the one requested from [`Callers::find`]; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer, or the webhook cannot be read.
    pub async fn webhook(self, store: &Store, caller: &Caller, key: &WebhookKey) -> ReadWebhook {
        match self.0 {
            Some(read) => read,
            None => store.webhook(&caller.organization.id, key).await,
        }
    }
}

/// Finds callers by their keys and caches them for a minute.
#[derive(Debug, Default)]
pub struct Callers {
    known: Mutex<HashMap<String, (Duration, Arc<Caller>)>>,
}

impl Callers {
    /// Finds the caller with this key. `None` if the key is unknown, revoked or expired.
    ///
    /// With `webhook`, a webhook of the caller's organization is read too. If the token has to be read, both are read
    /// in one call, so that the first request of an environment waits no longer than later ones. Needs `BatchGetItem`
    /// on the Webhooks table.
    ///
    /// # Errors
    ///
    /// When DynamoDB does not answer.
    pub async fn find(
        &self,
        store: &Store,
        key: &str,
        webhook: Option<&WebhookKey>,
    ) -> Result<Option<(Arc<Caller>, Prefetched)>, StoreError> {
        let hash = sha256_hex(key.as_bytes());
        let now = store.clock().monotonic();
        let known = self.lock().get(&hash).filter(|(since, _)| now.saturating_sub(*since) < REMEMBERED).cloned();
        let (caller, prefetched) = match known {
            Some((_, caller)) => (caller, Prefetched(None)),
            None => {
                let Some(organization) = Token::organization_of(key) else { return Ok(None) };
                let Some((token, organization, read)) = store.find_token(&organization, &hash, webhook).await? else {
                    return Ok(None);
                };
                let caller = Arc::new(Caller { organization, token });
                let mut known = self.lock();
                if known.len() >= MOST {
                    known.clear();
                }
                known.insert(hash, (now, Arc::clone(&caller)));
                (caller, Prefetched(Some(read)))
            }
        };
        let expired = caller.token.expires.is_some_and(|end| end <= store.clock().now());
        Ok((!expired).then_some((caller, prefetched)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Duration, Arc<Caller>)>> {
        // A panic while the lock was held cannot have left the map half changed.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
