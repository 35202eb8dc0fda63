//! Why a delivery ended or a webhook was suspended: once for the log and once for the webhook's owner.

use crate::domain::Attempt;

/// Why the deliveries of a deleted webhook end.
pub(super) const WEBHOOK_DELETED: &str = "webhook deleted";

/// A reason in two wordings. What an endpoint answered stands only in the one that is kept for the webhook's owner: a reply
/// may repeat the event's data, or a secret in a form that no redactor knows, and a log is read by others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// For the log: words of ours, the class of the failure and its status.
    pub(super) logged: String,
    /// For the owner: the same with what the endpoint answered, redacted.
    pub(super) kept: String,
}

impl Reason {
    /// That the attempt failed, and nothing else.
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self { logged: classified(attempt), kept: text(attempt).to_owned() }
    }

    /// That after this attempt something of ours took effect. `what` is logged, so it must hold words of ours only.
    pub(super) fn after(what: &str, attempt: &Attempt) -> Self {
        Self { logged: format!("{what}: {}", classified(attempt)), kept: format!("{what}: {}", text(attempt)) }
    }

    /// Words of ours, which both may read.
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
