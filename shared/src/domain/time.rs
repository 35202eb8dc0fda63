//! Moments in time, and the clock that code gets as a parameter if it needs the present time.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    str::FromStr,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// A moment in whole milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `duration` after this one. Fractions of a millisecond are dropped.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to this moment; zero if this moment is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The first moment of the year 0. RFC 3339 cannot express an earlier one.
    const FIRST: Self = Self(-62_167_219_200_000);

    /// Whether RFC 3339 can express the moment in UTC: from the year 0 until nearly the end of the year 9999.
    #[must_use]
    pub fn can_be_written(self) -> bool {
        self >= Self::FIRST && jiff::Timestamp::from_millisecond(self.0).is_ok()
    }

    /// The length of a day in milliseconds.
    pub const DAY_MS: i64 = 86_400_000;

    /// The first moment of the UTC day in which this moment is.
    #[must_use]
    pub fn start_of_day(self) -> Self {
        Self(self.0.div_euclid(Self::DAY_MS).saturating_mul(Self::DAY_MS))
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// `2025-03-31T10:15:00.000Z`, as all four APIs print it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        write!(f, "{moment:.3}")
    }
}

/// A text that is not a date-time of RFC 3339 between the years 0 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date-time")]
pub struct NotADateTime;

/// Reads an RFC 3339 date-time with any offset; finer digits than milliseconds are dropped, however many there are.
impl FromStr for Timestamp {
    type Err = NotADateTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment: jiff::Timestamp = match text.split_once('.') {
            Some((whole, rest)) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                format!("{whole}.{}{}", &rest[..digits.min(9)], &rest[digits..]).parse()
            }
            None => text.parse(),
        }
        .map_err(|_| NotADateTime)?;
        Some(Self(moment.as_millisecond())).filter(|moment| moment.can_be_written()).ok_or(NotADateTime)
    }
}

/// A moment as all four APIs print it: serialised as its text, where [`Timestamp`] is stored as its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The future of a sleep.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of the present time. Tests use one that they control.
pub trait Clock: Send + Sync {
    /// The present time of the wall clock, which may jump.
    fn now(&self) -> Timestamp;

    /// The reading of a clock that never jumps. Only the difference of two readings has a meaning.
    fn monotonic(&self) -> Duration;

    /// Waits for `duration` by the monotonic clock.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_one_that_rfc_3339_can_write() {
        let read = |text: &str| text.parse::<Timestamp>().map(|moment| moment.to_string());
        assert_eq!(read("2025-03-31T10:15:00.0123456789012Z").as_deref(), Ok("2025-03-31T10:15:00.012Z"));
        assert_eq!(read("0000-01-01T00:00:00Z").as_deref(), Ok("0000-01-01T00:00:00.000Z"));
        for text in ["0000-01-01T00:00:00+23:59", "-000001-12-31T00:00:00Z", "2025-03-31T10:15:00.Z", "x.1"] {
            assert_eq!(read(text), Err(NotADateTime), "{text}");
        }
        assert!(!Timestamp(253_402_300_799_999).can_be_written() && !Timestamp(i64::MIN).can_be_written());
    }

    #[test]
    fn prints_milliseconds_even_when_zero() {
        let moment: Timestamp = "2025-03-31T10:15:00Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2025-03-31T10:15:00.000Z");
    }

    #[test]
    fn reads_offsets_and_drops_finer_digits() {
        let moment: Timestamp = "2016-10-31T15:20:13.887289-04:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2016-10-31T19:20:13.887Z");
    }
}
