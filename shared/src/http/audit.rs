//! The facts about a request for its log line: who asks, from where, about which webhook.

use std::{net::IpAddr, sync::OnceLock};

use crate::domain::Api;

/// The caller, as the log names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Actor {
    pub(super) organization: String,
    pub(super) token: String,
    pub(super) user: String,
}

/// What the log line says about a request, from the gateway and from the handler. It never contains a key, a body or
/// the raw path, into which a caller may have put a secret by mistake.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    pub(super) route: Option<String>,
    pub(super) address: Option<IpAddr>,
    pub(super) webhook: OnceLock<String>,
    pub(super) actor: OnceLock<Actor>,
}

impl Audit {
    /// The facts that the gateway knows: the route (the template's path), the caller's address and the webhook in the
    /// path. A text that cannot be a webhook's id is left out.
    pub(super) fn new(route: Option<&str>, address: Option<IpAddr>, webhook: Option<&str>) -> Self {
        let audit = Self { route: route.map(str::to_owned), address, ..Self::default() };
        if let Some(id) = webhook.filter(|id| is_id(id)) {
            audit.note_webhook(id);
        }
        audit
    }

    /// Adds the caller: the organization, the token's short id and its user.
    pub(crate) fn note_actor(&self, organization: &str, token: &str, user: &str) {
        let [organization, token, user] = [organization, token, user].map(str::to_owned);
        // A request has one caller, so only the first call counts.
        let _ = self.actor.set(Actor { organization, token, user });
    }

    /// Adds the webhook's id. Only the handler knows it if the webhook is new.
    pub(crate) fn note_webhook(&self, id: &str) {
        let _ = self.webhook.set(id.to_owned());
    }
}

/// Whether the text looks like an id of one of the APIs: a number, 24 hex digits, a uuid or a ULID, or such an id after
/// the name of its API and a colon. A key, a URL or the token of a Slack URL does not.
#[must_use]
pub fn is_id(text: &str) -> bool {
    if let Some((api, id)) = text.split_once(':') {
        return Api::parse(api).is_some() && !id.contains(':') && is_id(id);
    }
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let upper = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    match text.len() {
        1..=19 if text.bytes().all(|byte| byte.is_ascii_digit()) => true,
        24 => hex(text),
        26 => text.bytes().all(upper) && text.starts_with(|first: char| ('0'..='7').contains(&first)),
        36 => text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(hex),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_id_is_written_down() {
        for id in [
            "1",
            "sdelements:1",
            "5f43a1b2c3d4e5f60718293a",
            "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d",
            "01JQNX4T2B0000000000000001",
        ] {
            assert!(is_id(id), "{id}");
        }
        for text in [
            "",
            "oh_acme_key",
            "other:1",
            "flip:1:2",
            "flip:",
            "https://hooks.slack.com/services/T/B/X",
            "a\nb",
            "é",
            &"1".repeat(37),
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
