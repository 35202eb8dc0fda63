//! A webhook's own failure policy (Socotra's `failureHandling`): what counts as a failure, and what happens then.
//!
//! It replaces the default rules for retrying, diverting and suspending, but never pacing or `Retry-After`
//! (docs/delivery.md). Webhooks of the other APIs have no policy of their own.

mod retry;
mod trigger;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use retry::{Growth, RetryStrategy, jittered};
pub use trigger::Trigger;

use super::Endpoint;

/// What a failure policy does with an event whose last attempt has failed, and with its webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The event is diverted (kept aside), and delivery continues with the next one.
    Divert,
    /// The webhook is suspended, and the event stays first in its queue.
    Suspend,
    /// The event is diverted (kept aside), and the webhook is suspended.
    DivertAndSuspend,
    /// The failure is ignored: the event is recorded as discarded with the reason, and delivery continues with the next
    /// one.
    Discard,
}

/// A webhook's own failure policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailurePolicy {
    /// What counts as a failure. A failed attempt that matches no trigger is ignored: the event is neither retried nor
    /// diverted.
    pub triggers: Vec<Trigger>,
    /// How failures are retried; `None` for no retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryStrategy>,
    /// The endpoint that gets a notice when an event's retries are used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_endpoint: Option<Endpoint>,
    /// Whether the event is diverted (kept aside) when its retries are used up.
    #[serde(default)]
    pub divert: bool,
    /// Whether the webhook is suspended when an event's retries are used up.
    #[serde(default)]
    pub suspend: bool,
}

/// Socotra's policy if the owner gives none, "indifferent": every 4xx, 5xx and timeout counts as a failure, and the
/// event is discarded without retries.
impl Default for FailurePolicy {
    fn default() -> Self {
        Self {
            triggers: vec![Trigger::Class4xx, Trigger::Class5xx, Trigger::Timeout],
            retry: None,
            alert_endpoint: None,
            divert: false,
            suspend: false,
        }
    }
}

impl FailurePolicy {
    /// Whether an attempt with this status, or without a reply (`None`: timeout, DNS, connect or TLS error), counts as
    /// a failure.
    ///
    /// The event of a failed attempt that does not count is discarded at once ([`End::Discard`]).
    #[must_use]
    pub fn triggered_by(&self, status: Option<u16>) -> bool {
        self.triggers.iter().any(|trigger| trigger.matches(status))
    }

    /// The wait before retry `attempt` (1 after the first failure); `None` if the retries are used up and
    /// [`FailurePolicy::end`] applies. `random` in `0.0..1.0` changes the wait by up to a fifth either way.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: f64) -> Option<Duration> {
        self.retry.and_then(|retry| retry.delay(attempt, random))
    }

    /// Whether this failure is the one halfway to the webhook's suspension, at which a warning is logged and counted.
    /// `failures` is the number of failures in a row.
    #[must_use]
    pub fn is_half(&self, failures: u32) -> bool {
        self.suspend && self.retry.is_some_and(|retry| failures == retry.attempts.div_ceil(2))
    }

    /// What to do with an event when its retries are used up.
    #[must_use]
    pub fn end(&self) -> End {
        match (self.divert, self.suspend) {
            (true, true) => End::DivertAndSuspend,
            (true, false) => End::Divert,
            (false, true) => End::Suspend,
            (false, false) => End::Discard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;

    fn policy(triggers: &[&str]) -> FailurePolicy {
        FailurePolicy { triggers: triggers.iter().map(|t| t.parse().unwrap()).collect(), ..FailurePolicy::default() }
    }

    #[test]
    fn each_trigger_means_what_its_name_says() {
        let rows = [
            ("404", Some(404), true),
            ("404", Some(403), false),
            ("404", None, false),
            ("4xx", Some(400), true),
            ("4xx", Some(499), true),
            ("4xx", Some(399), false),
            ("4xx", Some(500), false),
            ("4xx", None, false),
            ("5xx", Some(500), true),
            ("5xx", Some(599), true),
            ("5xx", Some(499), false),
            ("5xx", Some(600), false),
            ("timeout", None, true),
            ("timeout", Some(504), false),
        ];
        for (trigger, status, expected) in rows {
            assert_eq!(policy(&[trigger]).triggered_by(status), expected, "{trigger} {status:?}");
        }
        assert!(policy(&["404", "timeout"]).triggered_by(None), "any of several");
        assert!(!policy(&[]).triggered_by(None), "no trigger, no failure");
    }

    #[test]
    fn the_default_is_indifferent() {
        let indifferent = FailurePolicy::default();
        for status in [Some(404), Some(500), None] {
            assert!(indifferent.triggered_by(status));
        }
        assert!(!indifferent.triggered_by(Some(302)));
        assert_eq!(indifferent.delay(1, 0.5), None);
        assert_eq!(indifferent.end(), End::Discard);
    }

    #[test]
    fn the_end_combines_divert_and_suspend() {
        let rows = [
            (false, false, End::Discard),
            (true, false, End::Divert),
            (false, true, End::Suspend),
            (true, true, End::DivertAndSuspend),
        ];
        for (divert, suspend, end) in rows {
            assert_eq!(FailurePolicy { divert, suspend, ..FailurePolicy::default() }.end(), end);
        }
    }

    #[test]
    fn it_is_stored_and_read_back_and_hides_its_secrets() {
        let policy = FailurePolicy {
            triggers: vec![Trigger::Status(429), Trigger::Class5xx, Trigger::Timeout],
            retry: Some(RetryStrategy { kind: Growth::Exponential, interval_s: 5, attempts: 3 }),
            alert_endpoint: Some(Endpoint {
                headers: vec![("x-key".to_owned(), vec![Secret::new("header-secret")])],
                signing_secrets: vec![Secret::new("whsec_-secret")],
                ..Endpoint::new(Secret::new("https://example.com/alert-secret"))
            }),
            divert: true,
            suspend: true,
        };
        let json = serde_json::to_string(&policy).unwrap();
        assert!(json.starts_with(r#"{"triggers":["429","5xx","timeout"],"retry":{"kind":"exponential""#), "{json}");
        assert_eq!(serde_json::from_str::<FailurePolicy>(&json).unwrap(), policy);
        assert!(!format!("{policy:?}").contains("-secret"));
    }
}
