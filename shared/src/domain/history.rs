//! What became of a webhook's deliveries in each of the last 24 hours.

use std::fmt;

use super::Timestamp;

/// How many hours a [`History`] covers, the present one included.
pub const HISTORY_HOURS: usize = 24;

/// The length of an hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// What happened in one hour. A count that does not fit stays at its highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Deliveries that the endpoint accepted.
    pub delivered: u32,
    /// Requests that failed. One that was answered with 429 did not fail.
    pub failed: u32,
    /// Deliveries that were diverted.
    pub diverted: u32,
}

impl Counts {
    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn add(&mut self, more: Self) {
        self.delivered = self.delivered.saturating_add(more.delivered);
        self.failed = self.failed.saturating_add(more.failed);
        self.diverted = self.diverted.saturating_add(more.diverted);
    }
}

/// An hour of a [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourOfHistory {
    /// When the hour began.
    pub start: Timestamp,
    /// What happened in it.
    pub counts: Counts,
}

/// The counts of the last 24 hours, by the clocks of the workers that counted.
///
/// Clocks may differ and may be set back. Counts are never lost by that: those of an hour that has not begun by the
/// clock that is asked count as the present hour's.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// The number of the newest hour with counts, since 1970.
    newest: i64,
    /// The counts of that hour and of those before it, newest first.
    counts: [Counts; HISTORY_HOURS],
}

impl History {
    /// A history whose newest hour has this number (hours since 1970), with the counts of that hour and of those before
    /// it, newest first. Hours beyond the 24th are left out.
    #[must_use]
    pub fn from_hours(newest: i64, newest_first: impl IntoIterator<Item = Counts>) -> Self {
        let mut history = Self { newest, ..Self::default() };
        for (at, counts) in history.counts.iter_mut().zip(newest_first) {
            *at = counts;
        }
        history
    }

    /// The number of the newest hour (hours since 1970), and the counts of that hour and of those before it, newest
    /// first, without the hours before the oldest count. This is what is stored.
    #[must_use]
    pub fn hours(&self) -> (i64, &[Counts]) {
        let used = self.counts.iter().rposition(|counts| !counts.is_empty()).map_or(0, |last| last + 1);
        (self.newest, &self.counts[..used])
    }

    /// Whether nothing happened in the 24 hours.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|counts| counts.is_empty())
    }

    /// Adds what happened at that time. Counts that are then more than 24 hours old are dropped.
    pub fn add(&mut self, at: Timestamp, counts: Counts) {
        if counts.is_empty() {
            return;
        }
        let hour = hour_of(at);
        let ago = self.newest.saturating_sub(hour);
        if self.is_empty() || !(0..HISTORY_HOURS as i64).contains(&ago) {
            *self = self.as_of(hour);
        }
        if let Some(same) =
            usize::try_from(self.newest.saturating_sub(hour)).ok().and_then(|at| self.counts.get_mut(at))
        {
            same.add(counts);
        }
    }

    /// The 24 hours up to the present one, oldest first. Hours in which nothing happened have counts of 0.
    #[must_use]
    pub fn last_day(&self, now: Timestamp) -> [HourOfHistory; HISTORY_HOURS] {
        let seen = self.as_of(hour_of(now));
        std::array::from_fn(|at| {
            let ago = HISTORY_HOURS - 1 - at;
            let hour = seen.newest.saturating_sub(i64::try_from(ago).unwrap_or_default());
            HourOfHistory { start: Timestamp(hour.saturating_mul(HOUR_MS)), counts: seen.counts[ago] }
        })
    }

    /// The same history with that hour as its newest. Counts of later hours are added to it.
    fn as_of(&self, hour: i64) -> Self {
        let mut moved = Self { newest: hour, ..Self::default() };
        for (ago, counts) in (0..).zip(self.counts) {
            let then = self.newest.saturating_sub(ago);
            let ago = usize::try_from(hour.saturating_sub(then)).unwrap_or(0);
            if let Some(same) = moved.counts.get_mut(ago) {
                same.add(counts);
            }
        }
        moved
    }
}

/// Shows only the hours that are stored.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (newest, counts) = self.hours();
        f.debug_struct("History").field("newest", &newest).field("counts", &counts).finish()
    }
}

/// The number of the hour in which the moment lies, since 1970.
#[must_use]
pub fn hour_of(moment: Timestamp) -> i64 {
    moment.0.div_euclid(HOUR_MS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DELIVERED: Counts = Counts { delivered: 1, failed: 0, diverted: 0 };

    fn at(hour: i64) -> Timestamp {
        Timestamp(hour * HOUR_MS + 59 * 60_000)
    }

    fn delivered(history: &History, now: i64) -> Vec<u32> {
        history.last_day(at(now)).map(|hour| hour.counts.delivered).to_vec()
    }

    #[test]
    fn hours_without_traffic_are_zero_and_old_ones_are_gone() {
        let mut history = History::default();
        assert_eq!(delivered(&history, 500_000), [0; 24]);
        history.add(at(500_000), DELIVERED);
        history.add(at(500_003), DELIVERED);
        let hours = history.last_day(at(500_004));
        assert_eq!(hours.map(|hour| hour.counts.delivered)[19..], [1, 0, 0, 1, 0]);
        assert_eq!((hours[23].start, hours[0].start), (Timestamp(500_004 * HOUR_MS), Timestamp(499_981 * HOUR_MS)));
        assert_eq!(delivered(&history, 500_023)[..4], [1, 0, 0, 1]);
        assert_eq!(delivered(&history, 500_024)[..4], [0, 0, 1, 0]);
        assert_eq!(delivered(&history, 500_027), [0; 24]);
        history.add(at(500_100), Counts { failed: 2, diverted: 3, ..DELIVERED });
        let last = history.last_day(at(500_100))[23];
        assert_eq!(last.counts, Counts { delivered: 1, failed: 2, diverted: 3 });
        assert_eq!(delivered(&history, 500_100)[..23], [0; 23]);
    }

    #[test]
    fn what_a_clock_counted_that_is_ahead_is_seen_at_once() {
        let mut history = History::default();
        history.add(at(101), DELIVERED);
        assert_eq!(delivered(&history, 100)[23], 1);
        history.add(at(100), DELIVERED);
        assert_eq!((delivered(&history, 100)[23], delivered(&history, 101)[22..].to_vec()), (2, vec![1, 1]));
        // A clock that was wrong by years does not hide what happens from now on.
        history.add(at(1_000_000), DELIVERED);
        history.add(at(100), DELIVERED);
        assert_eq!((history.hours().0, delivered(&history, 100)[23]), (100, 2));
    }

    #[test]
    fn a_count_stays_at_its_highest_value() {
        let mut history = History::default();
        let most = Counts { delivered: u32::MAX, failed: u32::MAX, diverted: u32::MAX };
        history.add(at(1), most);
        history.add(at(1), most);
        assert_eq!(history.last_day(at(1))[23].counts, most);
    }

    proptest! {
        #[test]
        fn each_count_is_in_its_hour_while_the_clock_goes_on(steps in prop::collection::vec((0_i64..9, 1_u32..5), 1..40)) {
            let (mut history, mut now, mut all) = (History::default(), 400_000, Vec::new());
            for (step, delivered) in steps {
                now += step;
                history.add(at(now), Counts { delivered, ..Counts::default() });
                all.push((now, delivered));
            }
            let seen = history.last_day(at(now));
            for (ago, hour) in (0..24).rev().zip(seen) {
                let wanted: u32 = all.iter().filter(|(at, _)| *at == now - ago).map(|(_, count)| count).sum();
                prop_assert_eq!(hour.counts.delivered, wanted);
                prop_assert_eq!(hour.start, Timestamp((now - ago) * HOUR_MS));
            }
        }

        #[test]
        fn nothing_is_lost_however_the_clock_goes_back(steps in prop::collection::vec((0_i64..60, 1_u32..5), 1..30)) {
            let (mut history, mut now, mut sum) = (History::default(), 400_000, 0);
            for (back, delivered) in steps {
                now -= back;
                history.add(at(now), Counts { delivered, ..Counts::default() });
                sum += delivered;
            }
            let seen: u32 = delivered(&history, now).iter().sum();
            prop_assert_eq!(seen, sum);
        }

        #[test]
        fn what_is_stored_is_the_same_history(adds in prop::collection::vec((any::<i64>(), any::<u32>()), 0..30), now in any::<i64>()) {
            let mut history = History::default();
            for (moment, failed) in adds {
                history.add(Timestamp(moment), Counts { failed, ..Counts::default() });
            }
            let (newest, hours) = history.hours();
            let read = History::from_hours(newest, hours.iter().copied());
            prop_assert_eq!(read.last_day(Timestamp(now)), history.last_day(Timestamp(now)));
        }
    }
}
