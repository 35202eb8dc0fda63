//! Chance.

use std::time::Duration;

use crate::support::simulated::next;

/// A source of numbers for what people do, apart from the chooser's.
pub(crate) struct Dice(pub(super) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = next(self.0);
        self.0 % limit
    }

    pub(crate) fn pick(&mut self, among: usize) -> usize {
        usize::try_from(self.below(among as u64)).unwrap()
    }

    pub(crate) fn seconds(&mut self, limit: u64) -> Duration {
        self.milliseconds(limit * 1_000)
    }

    pub(super) fn milliseconds(&mut self, limit: u64) -> Duration {
        Duration::from_millis(self.below(limit))
    }

    /// Another source.
    pub(crate) fn another(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }
}
