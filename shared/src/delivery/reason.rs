//! Why a delivery ended or a webhook was suspended, in one wording for the log and another for the webhook's owner.

use crate::domain::Attempt;

/// The reason for discarding the deliveries of a deleted webhook.
pub(super) const WEBHOOK_DELETED: &str = "webhook deleted";

/// A reason in two wordings. Only the one for the webhook's owner quotes what the endpoint answered. A reply may repeat
/// the event's data, or a secret in a form that redaction does not recognize, and other people read the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// For the log: fixed words, the class of the failure, and the HTTP status.
    pub(super) logged: String,
    /// For the owner: the same with the endpoint's redacted reply. It is stored with the delivery or the webhook.
    pub(super) kept: String,
}

impl Reason {
    /// The reason is the failed attempt itself.
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self { logged: classified(attempt), kept: text(attempt).to_owned() }
    }

    /// The reason is a rule that took effect after this attempt. `what` names the rule. It is logged, so it must not
    /// quote the reply.
    pub(super) fn after(what: &str, attempt: &Attempt) -> Self {
        Self { logged: format!("{what}: {}", classified(attempt)), kept: format!("{what}: {}", text(attempt)) }
    }

    /// A fixed text, the same for the log and the owner.
    pub(super) fn ours(what: &'static str) -> Self {
        Self { logged: what.to_owned(), kept: what.to_owned() }
    }
}

fn classified(attempt: &Attempt) -> String {
    let class = attempt.class();
    attempt.status.map_or_else(|| class.to_string(), |status| format!("{class} (HTTP {status})"))
}

fn text(attempt: &Attempt) -> &str {
    attempt.failure.as_deref().unwrap_or("no reason was given")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn the_log_has_status_and_class_and_the_owner_has_the_reply_too() {
        let failure = Some("HTTP 401: ada@example.com may not".to_owned());
        let refused = Attempt { at: Timestamp(0), status: Some(401), duration_ms: 1, failure };
        let reason = Reason::after("the endpoint is gone", &refused);
        assert_eq!(reason.logged, "the endpoint is gone: gone (HTTP 401)");
        assert_eq!(reason.kept, "the endpoint is gone: HTTP 401: ada@example.com may not");
        let silent = Attempt { status: None, failure: Some("timed out".to_owned()), ..refused };
        assert_eq!(Reason::of(&silent), Reason { logged: "no_reply".to_owned(), kept: "timed out".to_owned() });
        assert_eq!(Reason::ours("the event is gone").logged, "the event is gone");
    }
}
