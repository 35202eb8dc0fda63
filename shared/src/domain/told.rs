//! What operational events have told about a webhook.

use super::{Timestamp, hour_of};

/// What operational events have told about a webhook so far. It is stored with the webhook's queue and changes only in
/// the transaction that puts the event, so that each change of state is told once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Since when the webhook is known to be failing or suspended; `None` once it was said to have recovered.
    pub trouble: Option<Timestamp>,
    /// When it was said to be failing; `None` once it has recovered, or its owner has repaired it.
    pub failing: Option<Timestamp>,
    /// What was told about diverted deliveries.
    pub diverted: ToldOfHour,
    /// What was told about expired deliveries.
    pub expired: ToldOfHour,
}

/// What was told about something of which only the first in an hour is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToldOfHour {
    /// The hour in which it was told last, as [`hour_of`] counts them.
    pub hour: Option<i64>,
    /// How many have followed that have not been told.
    pub more: u32,
}

impl ToldOfHour {
    /// What to tell about one more: how many there are with those that have not been told. `None` if one was told in
    /// this hour, or in the next one by a clock that is ahead.
    #[must_use]
    pub fn one_more(self, now: Timestamp) -> Option<u32> {
        let hour = hour_of(now);
        let told = self.hour.is_some_and(|told| told == hour || told == hour.saturating_add(1));
        (!told).then(|| self.more.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn the_first_of_an_hour_is_told_with_those_that_were_not() {
        let now = Timestamp(480_000 * HOUR + 5);
        let told = |hour, more| ToldOfHour { hour, more }.one_more(now);
        assert_eq!(told(None, 0), Some(1));
        assert_eq!(told(Some(480_000), 3), None);
        assert_eq!(told(Some(480_001), 3), None, "another worker's clock is ahead");
        assert_eq!(told(Some(479_999), 9), Some(10));
        assert_eq!(told(Some(900_000), 9), Some(10), "a clock that was wrong by years silences nothing");
        assert_eq!(told(None, u32::MAX), Some(u32::MAX));
    }
}
