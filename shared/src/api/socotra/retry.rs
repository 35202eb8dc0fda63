//! `retryStrategy` in requests and replies (docs/apis/socotra.md). The documents do not name the interval's unit;
//! Outhook uses seconds.

use serde::Serialize;

use crate::{
    api::common::{Object, Problems, REQUIRED},
    domain::{Growth, RetryStrategy},
};

/// A RetryStrategyResponse.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RetryStrategyResponse"))]
pub struct RetryBody {
    r#type: Growth,
    interval: u64,
    attempts: u32,
}

impl From<RetryStrategy> for RetryBody {
    fn from(retry: RetryStrategy) -> Self {
        Self { r#type: retry.kind, interval: retry.interval_s, attempts: retry.attempts }
    }
}

/// A parsed RetryStrategyCreateRequest or RetryStrategyUpdateRequest: `type`, `interval`, `attempts`.
#[derive(Clone, Debug)]
pub struct RetryChanges {
    place: String,
    kind: Option<Growth>,
    interval_s: Option<u64>,
    attempts: Option<u32>,
}

impl RetryChanges {
    pub(super) fn read(object: &Object<'_>, problems: &mut Problems) -> Self {
        let kind = object.text("type", problems).and_then(|text| match text {
            "linear" => Some(Growth::Linear),
            "exponential" => Some(Growth::Exponential),
            _ => {
                problems.add(object.place("type"), "must be linear or exponential");
                None
            }
        });
        let longest = RetryStrategy::LONGEST.as_secs();
        let interval_s = object.integer("interval", 1..=longest, problems);
        let attempts = object.integer("attempts", 1..=u64::from(RetryStrategy::MAX_ATTEMPTS), problems);
        let attempts = attempts.and_then(|attempts| u32::try_from(attempts).ok());
        Self { place: object.place(""), kind, interval_s, attempts }
    }

    /// Applies the changes to a strategy, or makes a new one. A new one needs `type` and `interval`.
    pub(super) fn apply(&self, retry: Option<RetryStrategy>, problems: &mut Problems) -> Option<RetryStrategy> {
        let kind = self.kind.or(retry.map(|retry| retry.kind));
        let interval_s = self.interval_s.or(retry.map(|retry| retry.interval_s));
        for (missing, name) in [(kind.is_none(), "type"), (interval_s.is_none(), "interval")] {
            if missing {
                problems.add(format!("{}{name}", self.place), REQUIRED);
            }
        }
        let attempts = self.attempts.or(retry.map(|retry| retry.attempts));
        let attempts = attempts.unwrap_or(RetryStrategy::DEFAULT_ATTEMPTS);
        kind.zip(interval_s).map(|(kind, interval_s)| RetryStrategy { kind, interval_s, attempts })
    }
}
