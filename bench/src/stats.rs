//! Statistics of durations.

use std::time::Duration;

/// The value below which that share of the durations lies; zero if there are none.
pub(crate) fn percentile(durations: &[Duration], share: f64) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

/// The median.
pub(crate) fn median(durations: &[Duration]) -> Duration {
    percentile(durations, 0.5)
}

/// Milliseconds, to the microsecond.
pub(crate) fn ms(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e3, 3)
}

/// How many per second, to a tenth.
pub(crate) fn per_second(count: usize, duration: Duration) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    rounded(count / duration.as_secs_f64().max(1e-9), 1)
}

/// The ratio of `value` to `floor`.
pub(crate) fn ratio(value: Duration, floor: Duration) -> f64 {
    rounded(value.as_secs_f64() / floor.as_secs_f64().max(1e-9), 2)
}

/// The number with that many decimals.
pub(crate) fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (number * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let durations: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(median(&durations), Duration::from_millis(50));
        assert_eq!(percentile(&durations, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&durations[..1], 0.99), Duration::from_millis(100));
        assert_eq!(percentile(&[], 0.99), Duration::ZERO);
    }
}
