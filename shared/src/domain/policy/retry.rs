//! The retry strategy of a failure policy.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the waits between retries grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Growth {
    /// The same wait each time: retries are evenly spaced.
    Linear,
    /// Each wait is twice the one before.
    Exponential,
}

/// When and how many times a failed attempt is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryStrategy {
    /// How the waits grow.
    pub kind: Growth,
    /// The first wait, in seconds. (Socotra's documents do not name the unit.)
    pub interval_s: u64,
    /// The number of retries, 1 to 10.
    pub attempts: u32,
}

impl RetryStrategy {
    /// The most retries.
    pub const MAX_ATTEMPTS: u32 = 10;

    /// The number of retries if the owner does not give one.
    pub const DEFAULT_ATTEMPTS: u32 = 3;

    /// The longest wait between two attempts, one day as in the default schedule. An interval that grows longer is cut
    /// to this.
    pub const LONGEST: Duration = Duration::from_secs(86_400);

    /// The wait before retry `attempt` (1 is the first); `None` after the last retry. `random` in `0.0..1.0` changes
    /// the wait by up to a fifth either way.
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

/// Shortens or lengthens `wait` by up to a fifth, so that queues that failed at the same time are not retried at the
/// same time.
///
/// `random` should be uniform in `0.0..1.0`. A value outside counts as the nearest bound, and one that is not finite as
/// 0.5.
#[must_use]
pub fn jittered(wait: Duration, random: f64) -> Duration {
    let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
    wait.mul_f64(0.8 + 0.4 * random)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
