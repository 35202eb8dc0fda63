//! A webhook's own failure policy (Socotra's `failureHandling`): what counts as a failure and what then happens.
//!
//! It replaces the default's retry, divert and suspend, never pacing or `Retry-After` (DESIGN.md section 6). Webhooks of the
//! other APIs have none.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::Secret;

/// What a policy counts as a failure, spelled `404`, `4xx`, `5xx` or `timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Trigger {
    /// This very status.
    Status(u16),
    /// Any status from 400 to 499.
    Class4xx,
    /// Any status from 500 to 599.
    Class5xx,
    /// No reply: too late, or a DNS, connect or TLS error.
    Timeout,
}

impl Trigger {
    /// Whether an attempt that ended so is what this trigger means; `None` stands for no reply.
    #[must_use]
    pub fn matches(self, status: Option<u16>) -> bool {
        match (self, status) {
            (Self::Timeout, None) => true,
            (Self::Status(wanted), Some(status)) => wanted == status,
            (Self::Class4xx, Some(status)) => (400..=499).contains(&status),
            (Self::Class5xx, Some(status)) => (500..=599).contains(&status),
            _ => false,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Class4xx => f.write_str("4xx"),
            Self::Class5xx => f.write_str("5xx"),
            Self::Timeout => f.write_str("timeout"),
        }
    }
}

/// Reads `4xx`, `5xx`, `timeout` or a status from 400 to 599: the vocabulary of Socotra's guide.
impl FromStr for Trigger {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "4xx" => Ok(Self::Class4xx),
            "5xx" => Ok(Self::Class5xx),
            "timeout" => Ok(Self::Timeout),
            // Exactly three digits: `+404` and `0404` would be further spellings of one trigger.
            _ if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) => match text.parse() {
                Ok(status @ 400..=599) => Ok(Self::Status(status)),
                _ => Err("a trigger's status must be from 400 to 599"),
            },
            _ => Err("not a trigger: 4xx, 5xx, timeout or a status"),
        }
    }
}

impl From<Trigger> for String {
    fn from(trigger: Trigger) -> Self {
        trigger.to_string()
    }
}

/// Unlike [`FromStr`] this also reads statuses that no owner can ask for, since an attempt may end with one.
impl TryFrom<String> for Trigger {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().or_else(|error| text.parse().map(Self::Status).map_err(|_| error))
    }
}

/// How the waits between retries grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Growth {
    /// The same wait each time: retries are evenly spaced.
    Linear,
    /// Each wait is twice the one before.
    Exponential,
}

/// When and how often a failed attempt is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryStrategy {
    /// How the waits grow.
    pub kind: Growth,
    /// The first wait, in seconds (Socotra's documents leave the unit open).
    pub interval_s: u64,
    /// How many retries, 1 to 10.
    pub attempts: u32,
}

impl RetryStrategy {
    /// The most retries.
    pub const MAX_ATTEMPTS: u32 = 10;

    /// How many, if the owner does not say.
    pub const DEFAULT_ATTEMPTS: u32 = 3;

    /// The longest wait between two attempts: as the default schedule's, whatever the interval grows to.
    pub const LONGEST: Duration = Duration::from_secs(86_400);

    /// The wait before retry `attempt` (1 is the first), or `None` after the last. `random` in `0.0..1.0` moves it by up to a
    /// fifth either way.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: f64) -> Option<Duration> {
        if attempt > self.attempts.min(Self::MAX_ATTEMPTS) {
            return None;
        }
        let doublings = match self.kind {
            Growth::Linear => 0,
            Growth::Exponential => attempt.saturating_sub(1),
        };
        let seconds = self.interval_s.saturating_mul(2u64.saturating_pow(doublings));
        let wait = Duration::from_secs(seconds).min(Self::LONGEST);
        Some(jittered(wait, random))
    }
}

/// `wait` shortened or lengthened by up to a fifth, so that queues that failed together do not come back together.
///
/// `random` is uniform in `0.0..1.0`; whatever else it is counts as the nearest of those.
#[must_use]
pub fn jittered(wait: Duration, random: f64) -> Duration {
    let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
    wait.mul_f64(0.8 + 0.4 * random)
}

/// Where a notice goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address, a credential.
    pub url: Secret,
    /// Headers added to each notice.
    #[serde(default)]
    pub headers: Vec<(String, Vec<Secret>)>,
}

/// What happens to an event whose last attempt has failed, and to its webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The event is kept aside; the queue goes on.
    Divert,
    /// The webhook is suspended; the event stays the first of its queue.
    Suspend,
    /// The event is kept aside and the webhook suspended.
    DivertAndSuspend,
    /// The failure is ignored: the event is recorded as discarded with the reason; the queue goes on.
    Discard,
}

/// A webhook's own failure policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailurePolicy {
    /// What counts as a failure; what matches none is ignored: neither retried nor diverted.
    pub triggers: Vec<Trigger>,
    /// How failures are retried; `None` for not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryStrategy>,
    /// Who is told of a triggered failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_endpoint: Option<Endpoint>,
    /// Whether the event is kept aside when its retries are used up.
    #[serde(default)]
    pub divert: bool,
    /// Whether the webhook is then suspended.
    #[serde(default)]
    pub suspend: bool,
}

/// Socotra's policy where the owner gives none, "indifferent": every failure counts and nothing follows from it.
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
    /// Whether an attempt that ended with this status, or with none (timeout, DNS, connect, TLS), counts as a failure.
    ///
    /// A failed attempt that does not count is [`End::Discard`]ed at once.
    #[must_use]
    pub fn triggered_by(&self, status: Option<u16>) -> bool {
        self.triggers.iter().any(|trigger| trigger.matches(status))
    }

    /// The wait before retry `attempt` (1 after the first failure), or `None` when [`FailurePolicy::end`] is due.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: f64) -> Option<Duration> {
        self.retry.and_then(|retry| retry.delay(attempt, random))
    }

    /// What happens when the retries of a triggered failure are used up.
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
    use proptest::prelude::*;

    use super::*;

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
    fn only_the_documented_triggers_are_read() {
        for good in ["4xx", "5xx", "timeout", "400", "418", "599"] {
            assert_eq!(good.parse::<Trigger>().unwrap().to_string(), good);
        }
        for bad in ["", "3xx", "4XX", "Timeout", "200", "399", "600", "0404", "+404", " 404", "40"] {
            assert!(bad.parse::<Trigger>().is_err(), "{bad}");
        }
    }

    #[test]
    fn waits_grow_as_the_strategy_says() {
        let rows = [
            (Growth::Linear, 60, vec![60, 60, 60]),
            (Growth::Exponential, 60, vec![60, 120, 240]),
            (Growth::Exponential, 50_000, vec![50_000, 86_400, 86_400]),
            (Growth::Exponential, u64::MAX, vec![86_400; 3]),
            (Growth::Linear, 0, vec![0, 0, 0]),
        ];
        for (kind, interval_s, expected) in rows {
            let retry = RetryStrategy { kind, interval_s, attempts: 3 };
            let waits: Vec<_> = (1..).map_while(|attempt| retry.delay(attempt, 0.5)).map(|w| w.as_secs()).collect();
            assert_eq!(waits, expected, "{retry:?}");
        }
    }

    #[test]
    fn retries_end_at_ten_even_if_an_item_says_more() {
        let retry = RetryStrategy { kind: Growth::Linear, interval_s: 1, attempts: u32::MAX };
        assert!(retry.delay(10, 0.5).is_some());
        assert!(retry.delay(11, 0.5).is_none());
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
                url: Secret::new("https://example.com/alert-secret"),
                headers: vec![("x-key".to_owned(), vec![Secret::new("header-secret")])],
            }),
            divert: true,
            suspend: true,
        };
        let json = serde_json::to_string(&policy).unwrap();
        assert!(json.starts_with(r#"{"triggers":["429","5xx","timeout"],"retry":{"kind":"exponential""#), "{json}");
        assert_eq!(serde_json::from_str::<FailurePolicy>(&json).unwrap(), policy);
        assert!(!format!("{policy:?}").contains("-secret"));
    }

    proptest! {
        #[test]
        fn a_wait_stays_within_a_fifth_of_its_middle(
            interval_s in any::<u64>(), attempts in 1u32..=10, attempt in 1u32..=10, random in any::<f64>(),
            linear in any::<bool>(),
        ) {
            let kind = if linear { Growth::Linear } else { Growth::Exponential };
            let retry = RetryStrategy { kind, interval_s, attempts };
            let (middle, wait) = (retry.delay(attempt, 0.5), retry.delay(attempt, random));
            prop_assert_eq!(middle.is_some(), attempt <= attempts);
            if let (Some(middle), Some(wait)) = (middle, wait) {
                prop_assert!(wait >= middle.mul_f64(0.79999) && wait <= middle.mul_f64(1.20001));
            }
        }
    }
}
