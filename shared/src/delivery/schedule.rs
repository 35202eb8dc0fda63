//! The default retry schedule (docs/delivery.md): ten retries over about two days. Then the webhook is suspended.

use std::time::Duration;

use crate::domain::jittered;

/// The waits before the first, second, … retry, in seconds.
const WAITS_S: [u64; 10] = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// The number of retries in the schedule. After one more failure in a row the webhook is suspended.
pub const LAST: u32 = WAITS_S.len() as u32;

/// How long to wait after `failures` failures in a row (1 after the first); `None` when the schedule is used up. Zero
/// if there was no failure.
///
/// `random`, uniform in `0.0..1.0`, changes the wait by up to a fifth either way.
#[must_use]
pub fn delay(failures: u32, random: f64) -> Option<Duration> {
    let Some(index) = failures.checked_sub(1) else { return Some(Duration::ZERO) };
    let wait = WAITS_S.get(usize::try_from(index).unwrap_or(usize::MAX))?;
    Some(jittered(Duration::from_secs(*wait), random))
}

/// Whether this failure is the one halfway through the schedule, at which a warning is logged and counted. True for
/// exactly one number of failures.
#[must_use]
pub fn is_half(failures: u32) -> bool {
    failures == LAST / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_schedule_is_the_documented_one() {
        let minute = 60;
        let hour = 60 * minute;
        let documented = [5, 30, 2 * minute, 10 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour];
        for (failures, wait) in (1..).zip(documented) {
            assert_eq!(delay(failures, 0.5), Some(Duration::from_secs(wait)), "{failures}");
        }
        assert_eq!(delay(11, 0.5), None);
        assert_eq!(delay(u32::MAX, 0.5), None);
        assert_eq!(delay(0, 0.5), Some(Duration::ZERO));
    }

    #[test]
    fn the_warning_comes_once_at_half_of_the_ten_retries() {
        assert_eq!((0..=20).filter(|n| is_half(*n)).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn jitter_spans_exactly_a_fifth_either_way() {
        assert_eq!(delay(2, 0.0), Some(Duration::from_secs(24)));
        assert_eq!(delay(2, 1.0), Some(Duration::from_secs(36)));
    }

    proptest! {
        #[test]
        fn any_random_number_stays_within_a_fifth(failures in 1u32..=10, random in any::<f64>()) {
            let middle = delay(failures, 0.5).unwrap();
            let wait = delay(failures, random).unwrap();
            prop_assert!(wait >= middle.mul_f64(0.79999) && wait <= middle.mul_f64(1.20001));
        }
    }
}
