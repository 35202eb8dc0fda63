//! Sessions: the console's visitors between entering and leaving.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Caller, Organization, OrganizationId, Permission, Timestamp, Token};
use crate::encoding::{base64_url, sha256_hex};

/// A session of the console. It contains the hash of its cookie's text, never the text itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The SHA-256 of the cookie's text in hex, by which the session is found.
    pub hash: String,
    /// The organization whose console it shows.
    pub organization: OrganizationId,
    /// The user who entered.
    pub user: String,
    /// The short id of the token with which the user entered, or that made the link. The session ends when that is revoked.
    pub token: String,
    /// What the user may do.
    pub permissions: Vec<Permission>,
    /// When it began.
    pub began: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// Who begins a session, and what they may do.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The organization whose console the session shows.
    pub organization: OrganizationId,
    /// The user.
    pub user: String,
    /// The short id of the token with which the user enters, or that made the link.
    pub token: String,
    /// What the user may do.
    pub permissions: Vec<Permission>,
}

impl Session {
    /// For how long a session lasts at most.
    pub const LONGEST: Duration = Duration::from_secs(8 * 3_600);

    /// Begins a session that ends after `lasts`, or 8 hours if that is less. Returns the text of its cookie, which has 256
    /// random bits and is given out only once, and the session to store.
    ///
    /// The text contains the organization and the short id of the token, so that one call to DynamoDB reads the session and
    /// the organization, and sees whether the token was revoked.
    #[must_use]
    pub fn begin(visitor: Visitor, lasts: Duration, random: [u8; 32], now: Timestamp) -> (String, Self) {
        let Visitor { organization, user, token, permissions } = visitor;
        let text = format!("{organization}.{token}.{}", base64_url(&random));
        let (hash, expires) = (sha256_hex(text.as_bytes()), now.plus(lasts.min(Self::LONGEST)));
        (text, Self { hash, organization, user, token, permissions, began: now, expires })
    }

    /// The organization and the short id of the token in a cookie's text; `None` for a text that does not have the form of
    /// one.
    #[must_use]
    pub fn parts_of(text: &str) -> Option<(OrganizationId, &str)> {
        let (organization, rest) = text.split_once('.')?;
        let (token, random) = rest.split_once('.')?;
        let fits = random.len() == 43 && !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fits { Some((OrganizationId::parse(organization)?, token)) } else { None }
    }

    /// The token that the session's forms carry. It follows from the cookie's text, which other sites cannot read, and does
    /// not show it.
    #[must_use]
    pub fn form_token(text: &str) -> String {
        let mut token = sha256_hex(format!("form {text}").as_bytes());
        token.truncate(32);
        token
    }

    /// The visitor as a caller of the APIs.
    #[must_use]
    pub fn caller(self, organization: Organization) -> Caller {
        let Self { hash, user, token, permissions, began, expires, .. } = self;
        let organization_id = organization.id.clone();
        let token = Token {
            hash,
            id: token,
            organization: organization_id,
            user,
            permissions,
            created: began,
            expires: Some(expires),
        };
        Caller { organization, token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_holds_its_hash_and_ends_within_8_hours() {
        let organization = OrganizationId::parse("acme").unwrap();
        let visitor = || Visitor {
            organization: organization.clone(),
            user: "ann".to_owned(),
            token: "0123456789ab".to_owned(),
            permissions: vec![Permission::OperationsRead],
        };
        let (text, session) = Session::begin(visitor(), Duration::from_secs(60), [7; 32], Timestamp(0));
        assert_eq!(Session::parts_of(&text), Some((organization.clone(), "0123456789ab")));
        assert_eq!((session.hash.as_str(), session.expires), (sha256_hex(text.as_bytes()).as_str(), Timestamp(60_000)));
        let stored = serde_json::to_string(&session).unwrap();
        assert!(!stored.contains(&text) && !stored.contains(&Session::form_token(&text)));
        let (_, long) = Session::begin(visitor(), Duration::from_secs(1 << 40), [7; 32], Timestamp(0));
        assert_eq!(long.expires, Timestamp(8 * 3_600_000));
    }

    #[test]
    fn texts_that_are_not_a_cookies_lead_nowhere() {
        let random = "0123456789012345678901234567890123456789012";
        let odd = [
            format!("acme.{random}"),
            format!("ACME.0a.{random}"),
            format!("acme..{random}"),
            format!("acme.x#.{random}"),
        ];
        for text in ["", ".", "..", "acme.", "acme.0a.0123", "x"].map(str::to_owned).into_iter().chain(odd) {
            assert_eq!(Session::parts_of(&text), None, "{text}");
        }
    }
}
