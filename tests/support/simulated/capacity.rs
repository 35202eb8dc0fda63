//! What DynamoDB lets through: a thousand write units a second for each partition of a table or of an index.

use std::{collections::HashMap, time::Duration};

/// Write units a second of one partition.
const A_SECOND: f64 = 1_000.0;

/// A partition: its table or index, and its key.
pub(crate) type Partition = (String, String);

/// How much is left to each partition.
#[derive(Debug, Default)]
pub(crate) struct Capacity {
    /// What each partition could take at that moment; below zero after a write that took more than there was.
    left: HashMap<Partition, (Duration, f64)>,
}

impl Capacity {
    fn left_at(&self, partition: &Partition, now: Duration) -> f64 {
        self.left
            .get(partition)
            .map_or(A_SECOND, |(at, left)| (left + now.saturating_sub(*at).as_secs_f64() * A_SECOND).min(A_SECOND))
    }

    /// Whether the partition takes a write now.
    pub(crate) fn has_room(&self, partition: &Partition, now: Duration) -> bool {
        self.left_at(partition, now) > 0.0
    }

    /// Writes down what a write has taken.
    pub(crate) fn take(&mut self, partition: Partition, units: f64, now: Duration) {
        let left = self.left_at(&partition, now) - units;
        self.left.insert(partition, (now, left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(name: &str) -> Partition {
        ("T".to_owned(), name.to_owned())
    }

    #[test]
    fn a_partition_takes_a_thousand_units_a_second_and_its_neighbour_as_many() {
        let mut capacity = Capacity::default();
        let at = Duration::from_millis;
        for _ in 0..1_000 {
            assert!(capacity.has_room(&partition("a"), at(0)));
            capacity.take(partition("a"), 1.0, at(0));
        }
        assert!(!capacity.has_room(&partition("a"), at(0)) && capacity.has_room(&partition("b"), at(0)));
        assert!(capacity.has_room(&partition("a"), at(1)), "a millisecond makes room for one");
        capacity.take(partition("a"), 400.0, at(1));
        assert!(!capacity.has_room(&partition("a"), at(399)), "what one write took too much is missing to the next");
        assert!(capacity.has_room(&partition("a"), at(401)));
    }
}
