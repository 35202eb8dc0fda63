//! Tickets: links that enter the console once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{OrganizationId, Permission, Timestamp, Token};
use crate::encoding::{base64_url, sha256_hex};

/// A ticket that enters the console once. It contains the hash of its text, never the text itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The SHA-256 of the ticket's text in hex, by which the ticket is found.
    pub hash: String,
    /// The organization whose console it enters.
    pub organization: OrganizationId,
    /// The user as whom it enters.
    pub user: String,
    /// The short id of the token that made it; empty in tickets of the version before.
    #[serde(default)]
    pub issuer: String,
    /// What the user may do there.
    pub permissions: Vec<Permission>,
    /// How long the session lasts, in seconds.
    pub session_s: u64,
    /// Until when the ticket can be used.
    pub expires: Timestamp,
}

impl Ticket {
    /// Whether the text can be that of a ticket. Only such a text is looked up.
    #[must_use]
    pub fn is_text(text: &str) -> bool {
        text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    }

    /// For how long a ticket can be used.
    pub const VALID_FOR: Duration = Duration::from_secs(300);

    /// Makes a ticket for the organization of the token `issuer`, which ends with it at the latest. Returns its text, 43 random characters, which is shown only once, and the ticket to store.
    #[must_use]
    pub fn issue(
        issuer: &Token,
        user: &str,
        permissions: &[Permission],
        session: Duration,
        random: [u8; 32],
        now: Timestamp,
    ) -> (String, Self) {
        let text = base64_url(&random);
        // Nobody gets more than the issuer has.
        let left = issuer.expires.map_or(Duration::MAX, |end| end.since(now));
        let ticket = Self {
            hash: sha256_hex(text.as_bytes()),
            organization: issuer.organization.clone(),
            user: user.to_owned(),
            issuer: issuer.id.clone(),
            permissions: permissions.to_vec(),
            session_s: session.min(left).as_secs(),
            expires: now.plus(Self::VALID_FOR.min(left)),
        };
        (text, ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_holds_its_hash_and_not_its_text() {
        let organization = OrganizationId::parse("acme").unwrap();
        let permissions = [Permission::OperationsRead];
        let (_, token) = Token::issue(&organization, "ben", &permissions, [8; 32], Timestamp(0), None);
        let (text, ticket) = Ticket::issue(&token, "ann", &permissions, Duration::from_secs(60), [7; 32], Timestamp(0));
        assert_eq!((ticket.hash.as_str(), ticket.expires), (sha256_hex(text.as_bytes()).as_str(), Timestamp(300_000)));
        assert!(
            text.len() == 43 && Ticket::is_text(&text) && !Ticket::is_text("x") && !Ticket::is_text(&"é".repeat(43))
        );
        assert!(!serde_json::to_string(&ticket).unwrap().contains(&text));
    }

    #[test]
    fn neither_a_ticket_nor_its_session_outlives_the_token_that_made_it() {
        let organization = OrganizationId::parse("acme").unwrap();
        let (_, token) = Token::issue(&organization, "ben", &[], [8; 32], Timestamp(0), Some(Timestamp(10_000)));
        let (_, ticket) = Ticket::issue(&token, "ann", &[], Duration::from_secs(60), [7; 32], Timestamp(4_000));
        assert_eq!((ticket.session_s, ticket.expires), (6, Timestamp(10_000)));
    }
}
