//! The header `Retry-After`: how long a receiver asks to wait before the next request (RFC 9110, section 10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use crate::domain::Timestamp;

/// The longest wait that a receiver may ask for, one hour (docs/delivery.md). A longer one is shortened to this.
pub const LONGEST: Duration = Duration::from_secs(3_600);

/// Parses the value of `Retry-After`: seconds, or a date in any of HTTP's three formats, taken relative to `now`. The
/// RFC allows whole seconds only; some receivers send a fraction, which is rounded up.
///
/// Returns at most [`LONGEST`], and zero for a date in the past. `None` if the value is negative or in neither format.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim_matches([' ', '\t']);
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    if [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) {
        // A number too large for u64 still means a very long time.
        let seconds = whole.parse::<u64>().unwrap_or(u64::MAX);
        let more = u64::from(fraction.bytes().any(|digit| digit != b'0'));
        return Some(Duration::from_secs(seconds.saturating_add(more)).min(LONGEST));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let moment = Timestamp(i64::try_from(seconds).ok()?.checked_mul(1000)?);
    Some(moment.since(now).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 1994-11-06T08:49:07Z, half a minute before RFC 9110's sample date.
    const NOW: Timestamp = Timestamp(784_111_747_000);

    #[test]
    fn seconds() {
        assert_eq!(retry_after("30", NOW), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(" 0 ", NOW), Some(Duration::ZERO));
    }

    #[test]
    fn a_fraction_of_a_second_is_rounded_up() {
        for (value, seconds) in [("2.0", 2), ("299.997", 300), ("0.0", 0), ("0.001", 1), ("1.5", 2), ("00.10", 1)] {
            assert_eq!(retry_after(value, NOW), Some(Duration::from_secs(seconds)), "{value}");
        }
        assert_eq!(retry_after("99999999999999999999.5", NOW), Some(LONGEST));
    }

    #[test]
    fn all_three_forms_of_a_date() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(retry_after(date, NOW), Some(Duration::from_secs(30)), "{date}");
        }
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait() {
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:00 GMT", NOW), Some(Duration::ZERO));
    }

    #[test]
    fn an_hour_is_the_most() {
        for long in ["3601", "86400", "99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(retry_after(long, NOW), Some(LONGEST), "{long}");
        }
    }

    #[test]
    fn garbage_is_as_if_absent() {
        for garbage in [
            "",
            " ",
            "-1",
            "+5",
            "1.",
            ".5",
            "1.5.0",
            "1,5",
            "1e3",
            "-1.5",
            "1. 5",
            "1s",
            "soon",
            "٣",
            "0x10",
            "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(retry_after(garbage, NOW), None, "{garbage}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_or_waits_longer_than_an_hour(value in ".*", now in any::<i64>()) {
            prop_assert!(retry_after(&value, Timestamp(now)).is_none_or(|wait| wait <= LONGEST));
        }
    }
}
