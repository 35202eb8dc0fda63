//! Tokens: issuing them, and finding out who is calling.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    domain::{Organization, OrganizationId, Permission, Timestamp, Token, WebhookKey},
    encoding::sha256_hex,
    store::{ReadWebhook, Store, StoreError},
};

/// For how long a warm function believes what it has read of a token: a revocation takes at most that long.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The most tokens a warm function remembers.
const MOST: usize = 1_000;

/// Makes a token: its key, `oh_<organization>_<43 random characters>`, to be shown once, and what is kept of it.
///
/// The organization is part of the key so that one call reads the token and the organization together.
#[must_use]
pub fn issue(
    organization: &OrganizationId,
    user: &str,
    permissions: &[Permission],
    random: [u8; 32],
    now: Timestamp,
    expires: Option<Timestamp>,
) -> (String, Token) {
    let key = format!("oh_{organization}_{}", URL_SAFE_NO_PAD.encode(random));
    let hash = sha256_hex(key.as_bytes());
    let token = Token {
        id: hash[..12].to_owned(),
        hash,
        organization: organization.clone(),
        user: user.to_owned(),
        permissions: permissions.to_vec(),
        created: now,
        expires,
    };
    (key, token)
}

/// Who is calling: a user of an organization with permissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The organization, with its flags.
    pub organization: Organization,
    /// The token.
    pub token: Token,
}

impl Caller {
    /// Whether the token's user may do that.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.token.permissions.contains(&permission)
    }

    /// Whether the token's user may publish events: a producer, or a super user, who may do all that SD Elements' API has.
    #[must_use]
    pub fn may_publish(&self) -> bool {
        self.may(Permission::EventsWrite) || self.may(Permission::SuperUser)
    }
}

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
    /// The caller with that key, and beside it the webhook of its organization that is asked for, if one is: where the token has
    /// to be looked up, both come in one call, so that an environment's first request waits no longer than any other. `None` if it
    /// is not one of our keys, or revoked, or expired.
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
        let (caller, beside) = match known {
            Some((_, caller)) => (caller, Prefetched(None)),
            None => {
                let Some(organization) = organization_of(key) else { return Ok(None) };
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
        Ok((!expired).then_some((caller, beside)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Duration, Arc<Caller>)>> {
        // Whoever panicked with the lock held left a map that is still whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn organization_of(key: &str) -> Option<OrganizationId> {
    let (organization, random) = key.strip_prefix("oh_")?.split_once('_')?;
    if random.len() == 43 { OrganizationId::parse(organization) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_its_organization_and_is_not_kept() {
        let organization = OrganizationId::parse("acme").unwrap();
        let (key, token) = issue(&organization, "ann", &[Permission::SuperUser], [7; 32], Timestamp(0), None);
        assert_eq!(organization_of(&key), Some(organization));
        assert_eq!(token.hash, sha256_hex(key.as_bytes()));
        assert!(!serde_json::to_string(&token).unwrap().contains(&key));
    }

    #[test]
    fn texts_that_are_no_keys_lead_nowhere() {
        for text in ["", "oh_", "oh_acme_", "oh_ACME_0123456789012345678901234567890123456789012", "x"] {
            assert_eq!(organization_of(text), None, "{text}");
        }
    }
}
