//! Looking callers up by their keys.

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

/// For how long a warm function believes what it has read of a token: a revocation takes at most that long.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The most tokens that a warm function remembers.
const MOST: usize = 1_000;

/// The webhook that was asked for with its caller: it came with the token, or is not read before the caller is allowed to.
#[derive(Debug)]
pub struct Prefetched(Option<ReadWebhook>);

impl Prefetched {
    /// The webhook, which must be the one that was asked for; `None` if it does not exist.
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

/// Finds callers by their keys and remembers them for a minute.
#[derive(Debug, Default)]
pub struct Callers {
    known: Mutex<HashMap<String, (Duration, Arc<Caller>)>>,
}

impl Callers {
    /// The caller with that key, and the webhook of its organization if one is asked for: where the token has to be looked up,
    /// both come in one call, so that an environment's first request waits no longer than any other. `None` if it is not one of
    /// our keys, or revoked, or expired. Needs `BatchGetItem` on the Webhooks table.
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
        // Whoever panicked with the lock held left a map that is still whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
