//! The Retry-After header. RFC 9110 section 10.2.3: seconds, or an HTTP date in any of its three forms.

use std::time::Duration;

use crate::domain::Timestamp;

/// The longest wait that a receiver can ask for.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait from `now`, at most an hour; `None` for what is no Retry-After.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit ask for longer than we would wait anyway.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let date = Timestamp(i64::try_from(date.as_millis()).ok()?);
    Some(date.since(now).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT

    #[test]
    fn seconds_and_dates_are_read_and_capped_at_an_hour() {
        for (value, seconds) in [
            ("30", 30),
            (" 0 ", 0),
            ("99999999999999999999999", 3600),
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Sunday, 06-Nov-94 08:50:07 GMT", 30),
            ("Sun Nov  6 08:50:07 1994", 30),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("Mon, 06 Nov 1995 08:00:00 GMT", 3600),
        ] {
            assert_eq!(retry_after(value, NOW), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for value in ["", "-1", "soon", "1.5", "0x10"] {
            assert_eq!(retry_after(value, NOW), None, "{value}");
        }
    }
}
