//! Tokens: the keys that callers show, and what is kept of them.

use serde::{Deserialize, Serialize};

use super::{OrganizationId, Permission, Timestamp};
use crate::encoding::{base64_url, sha256_hex};

/// What is known of an issued token; never its key, of which only the hash is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// SHA-256 of the key in hex: how the token is found.
    pub hash: String,
    /// A short name for it, for listing and revoking.
    pub id: String,
    /// The organization it acts for.
    pub organization: OrganizationId,
    /// The user it acts as.
    pub user: String,
    /// What that user may do.
    pub permissions: Vec<Permission>,
    /// When it was issued.
    pub created: Timestamp,
    /// When it ends, if it does.
    pub expires: Option<Timestamp>,
}

impl Token {
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

    /// The organization that a key names; `None` for a text that is not a key.
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
