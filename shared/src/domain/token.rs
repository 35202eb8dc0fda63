//! Tokens: the keys with which callers authenticate, and what is stored of them.

use serde::{Deserialize, Serialize};

use super::{OrganizationId, Permission, Timestamp};
use crate::encoding::{base64_url, sha256_hex};

/// An issued token. It contains the hash of its key, never the key itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of the key in hex, by which the token is found.
    pub hash: String,
    /// A short id for listing and revoking: the first 12 digits of the hash.
    pub id: String,
    /// The organization for which the token acts.
    pub organization: OrganizationId,
    /// The user as whom the token acts.
    pub user: String,
    /// What the user may do with the token.
    pub permissions: Vec<Permission>,
    /// When the token was issued.
    pub created: Timestamp,
    /// When the token expires; `None` if it does not.
    pub expires: Option<Timestamp>,
}

impl Token {
    /// Makes a token. Returns its key, `oh_<organization>_<43 random characters>`, which is shown only once, and the
    /// token to store.
    ///
    /// The key contains the organization, so that one call to DynamoDB reads the token and the organization together.
    #[must_use]
    pub fn issue(
        organization: &OrganizationId,
        user: &str,
        permissions: &[Permission],
        random: [u8; 32],
        now: Timestamp,
        expires: Option<Timestamp>,
    ) -> (String, Self) {
        let key = format!("oh_{organization}_{}", base64_url(&random));
        let hash = sha256_hex(key.as_bytes());
        let token = Self {
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

    /// The organization in a key; `None` for a text that does not have the form of a key.
    #[must_use]
    pub fn organization_of(key: &str) -> Option<OrganizationId> {
        let (organization, random) = key.strip_prefix("oh_")?.split_once('_')?;
        if random.len() == 43 { OrganizationId::parse(organization) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_to_its_organization_and_is_not_kept() {
        let organization = OrganizationId::parse("acme").unwrap();
        let (key, token) = Token::issue(&organization, "ann", &[Permission::SuperUser], [7; 32], Timestamp(0), None);
        assert_eq!(Token::organization_of(&key), Some(organization));
        assert_eq!(token.hash, sha256_hex(key.as_bytes()));
        assert!(!serde_json::to_string(&token).unwrap().contains(&key));
    }

    #[test]
    fn texts_that_are_not_keys_lead_nowhere() {
        for text in ["", "oh_", "oh_acme_", "oh_ACME_0123456789012345678901234567890123456789012", "x"] {
            assert_eq!(Token::organization_of(text), None, "{text}");
        }
    }
}
