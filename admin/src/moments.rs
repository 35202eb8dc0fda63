//! Moments and spans of time as people read them.

use std::time::Duration;

use shared::domain::Timestamp;

/// A span in its two largest units, for example `2 h 5 min`.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |large: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {small_unit}"),
    };
    match (days, hours, minutes) {
        (1.., ..) => two(days, "d", hours, "h"),
        (0, 1.., _) => two(hours, "h", minutes, "min"),
        (0, 0, 1..) => two(minutes, "min", 0, ""),
        _ => format!("{seconds} s"),
    }
}

/// How long ago, or in how long, a moment is.
pub(crate) fn from_now(moment: Option<Timestamp>, now: Timestamp) -> String {
    match moment {
        None => String::new(),
        Some(moment) if moment > now => format!("in {}", span(moment.since(now))),
        Some(moment) if now.since(moment).as_secs() == 0 => "now".to_owned(),
        Some(moment) => format!("{} ago", span(now.since(moment))),
    }
}

/// The moment in a member of a JSON object, if it has one.
pub(crate) fn moment(value: &serde_json::Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_their_two_largest_units() {
        let all = [0, 59, 60, 3_599, 3_600, 3_660, 86_399, 86_400, 90_061].map(|s| span(Duration::from_secs(s)));
        assert_eq!(all, ["0 s", "59 s", "1 min", "59 min", "1 h", "1 h 1 min", "23 h 59 min", "1 d", "1 d 1 h"]);
        let now = Timestamp(1_000_000);
        let seen = [None, Some(Timestamp(1_000_999)), Some(now), Some(Timestamp(1_060_000)), Some(Timestamp(0))];
        assert_eq!(seen.map(|at| from_now(at, now)), ["", "in 0 s", "now", "in 1 min", "16 min ago"]);
    }
}
