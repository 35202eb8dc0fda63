//! When a failing queue is tried again.

use std::time::Duration;

/// The waits after each failure in a row, in seconds; after the last one the webhook is suspended.
const WAITS_S: [u32; 10] = [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// The last failure that is waited out.
pub const LAST: u32 = 10;

/// How long to wait after that many failures in a row, give or take a fifth by `random` (0 up to 1); `None` once enough was
/// tried.
#[must_use]
pub fn delay(failures: u32, random: f64) -> Option<Duration> {
    let at = usize::try_from(failures.max(1) - 1).ok()?;
    let seconds = f64::from(*WAITS_S.get(at)?);
    Some(Duration::from_secs_f64(seconds * (0.8 + 0.4 * random.clamp(0.0, 1.0))))
}

/// Whether that failure is the one half way through the schedule, when people are warned.
#[must_use]
pub fn is_half(failures: u32) -> bool {
    failures == LAST / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_are_those_of_the_design_and_then_end() {
        let waits: Vec<_> = (1..=LAST).map(|failures| delay(failures, 0.5).unwrap().as_secs()).collect();
        assert_eq!(waits, [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400]);
        assert_eq!(delay(LAST + 1, 0.5), None);
    }

    #[test]
    fn jitter_is_a_fifth_either_way() {
        assert_eq!(delay(1, 0.0), Some(Duration::from_secs(4)));
        assert_eq!(delay(1, 1.0), Some(Duration::from_secs(6)));
    }
}
