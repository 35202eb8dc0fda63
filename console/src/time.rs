//! Moments and durations as people read them. The exact moment is always there too, for a pointer. A page may have many, so
//! each takes few bytes.

use std::time::Duration;

use maud::{Markup, html};
use shared::domain::Timestamp;

/// A moment as the time since it or until it, for example `3 min ago`, with the exact moment on hover.
#[must_use]
pub fn relative(moment: Timestamp, now: Timestamp) -> Markup {
    let words = if moment > now {
        format!("in {}", span(moment.since(now)))
    } else if now.since(moment) < Duration::from_secs(1) {
        "just now".to_owned()
    } else {
        format!("{} ago", span(now.since(moment)))
    };
    html! { span title=(exact(moment)) { (words) } }
}

/// A moment in full, for example `2025-03-31 10:15:00 UTC`.
#[must_use]
pub fn exact(moment: Timestamp) -> String {
    let text = moment.to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.split('.').next().unwrap_or(time)),
        None => text,
    }
}

/// A duration in its largest whole unit, rounded down: seconds, minutes, hours or days.
#[must_use]
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long a request took: milliseconds below a second, seconds with one decimal above.
#[must_use]
pub fn took(duration_ms: u64) -> String {
    if duration_ms < 1_000 {
        format!("{duration_ms} ms")
    } else {
        format!("{}.{} s", duration_ms / 1_000, duration_ms % 1_000 / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_743_416_100_000);

    #[test]
    fn a_moment_says_how_far_away_it_is_and_shows_itself_on_hover() {
        let shown = |moment: i64| relative(Timestamp(NOW.0 + moment), NOW).into_string();
        let wanted = r#"<span title="2025-03-31 10:12:00 UTC">3 min ago</span>"#;
        assert_eq!(shown(-180_000), wanted);
        for (moment, words) in [
            (-999, "just now"),
            (0, "just now"),
            (-59_999, "59 s ago"),
            (7_200_000, "in 2 h"),
            (-86_400_000, "1 d ago"),
        ] {
            assert!(shown(moment).contains(&format!(">{words}<")), "{moment}: {}", shown(moment));
        }
    }

    #[test]
    fn a_request_took_milliseconds_or_seconds() {
        assert_eq!([took(0), took(999), took(1_000), took(10_049)], ["0 ms", "999 ms", "1.0 s", "10.0 s"]);
    }
}
