//! The ids of new events. Within a process they are in ascending order, and each leads to the partition in which the
//! event's order is kept.

use std::sync::{Mutex, PoisonError};

use super::keys::hash;
use crate::domain::{EventId, Organization, Timestamp};

/// How far the clock may step back, in milliseconds, for ids still to continue from the last one.
const STEP_BACK_MS: i64 = 60_000;

/// The largest gap between two ids of the same millisecond. Large enough that ids cannot be guessed, small enough that
/// they stay in the millisecond.
const STEP: u128 = u32::MAX as u128;

/// The random bits of the first id in a millisecond: one bit fewer than a ULID has, to leave room for the ids after it.
const RANDOM: u128 = (1 << 79) - 1;

/// The last id that was issued.
#[derive(Debug, Default)]
pub(super) struct EventIds(Mutex<Option<EventId>>);

impl EventIds {
    /// Makes the id of an event that is accepted now, in the partition for `key`, or for the organization if there is
    /// no key.
    pub(super) fn id(&self, now: Timestamp, random: u128, organization: &Organization, key: Option<&str>) -> EventId {
        let shards = u128::from(organization.event_shards.max(1));
        let shard = u128::from(hash(key.unwrap_or(organization.id.as_str()))) % shards;
        self.next(now, random, shard, shards)
    }

    /// Makes an id that is higher than the last one and whose number modulo `shards` is `shard`.
    fn next(&self, now: Timestamp, random: u128, shard: u128, shards: u128) -> EventId {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lowest = match *last {
            Some(last) if last.time() >= now && last.time().0 - now.0 <= STEP_BACK_MS => {
                last.number() + 1 + random % STEP
            }
            _ => EventId::new(now, random & RANDOM).number(),
        };
        let id = EventId::of_number(lowest + (shard + shards - lowest % shards) % shards);
        *last = Some(id);
        id
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_clock_that_is_set_right_again_is_believed() {
        let (ids, far) = (EventIds::default(), 1_743_416_100_000);
        let wrong = ids.next(Timestamp(far + STEP_BACK_MS + 1), 1, 0, 1);
        let right = ids.next(Timestamp(far), 1, 0, 1);
        assert!(right < wrong);
        assert_eq!(right.time(), Timestamp(far));
    }

    proptest! {
        #[test]
        fn ids_rise_and_lead_to_their_partition_whatever_the_clock_does(
            steps in prop::collection::vec((-50_i64..50, any::<u128>(), any::<u32>()), 1..60),
            shards in 1_u128..70,
        ) {
            let (ids, mut now, mut last) = (EventIds::default(), 1_743_416_100_000, None);
            for (step, random, key) in steps {
                now += step;
                let shard = u128::from(key) % shards;
                let id = ids.next(Timestamp(now), random, shard, shards);
                prop_assert_eq!(id.number() % shards, shard);
                prop_assert!(Some(id) > last);
                prop_assert!(id.time().0 >= now);
                last = Some(id);
            }
        }

        #[test]
        fn the_first_id_of_a_millisecond_stays_in_it(random in any::<u128>(), shards in 1_u128..70) {
            for shard in 0..shards {
                let id = EventIds::default().next(Timestamp(5), random, shard, shards);
                prop_assert_eq!(id.time(), Timestamp(5));
            }
        }
    }
}
