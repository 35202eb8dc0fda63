//! Decides which invocation gets one of the account's few places.
//!
//! As on Lambda, one number limits all functions together. Places that a function reserves are its own, and unavailable
//! to the others. Unlike on Lambda, an idle environment keeps its place until another function needs it, so that no
//! more processes run on this machine than the number says.

use std::{collections::BTreeMap, time::Instant};

/// What an environment does with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It has had nothing to do since then.
    Idle(Instant),
    /// It starts or serves.
    Busy,
    /// It was told to end, and its place is free when it is gone.
    Closing,
}

/// An environment with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat<'a> {
    pub(crate) environment: u64,
    pub(crate) function: &'a str,
    pub(crate) used: Use,
}

/// What to do for an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Give it to this environment.
    Reuse(u64),
    /// Start an environment.
    Start,
    /// Close this environment of another function, and ask again when it is gone.
    Close(u64),
    /// Ask again when something has changed.
    Wait,
}

/// The account's places.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    shared: usize,
    reserved: BTreeMap<String, usize>,
}

impl Places {
    /// `total` places, of which functions reserve some; `None` if nothing is left for the others.
    pub(crate) fn new(total: usize, reserved: BTreeMap<String, usize>) -> Option<Self> {
        let shared = total.checked_sub(reserved.values().sum()).filter(|shared| *shared > 0)?;
        Some(Self { shared, reserved })
    }

    /// Whether the function has places of its own.
    pub(crate) fn reserves(&self, function: &str) -> bool {
        self.reserved.contains_key(function)
    }

    /// What to do for an invocation of `function`. `promised` counts the invocations before it that wait for a place of the same
    /// kind, each of which takes one that is about to be free.
    pub(crate) fn decide(&self, function: &str, seats: &[Seat<'_>], promised: usize) -> Verdict {
        // Prefer the environment that worked last, so that those that are not needed become idle for long.
        let own = seats.iter().filter(|seat| seat.function == function);
        if let Some(seat) = own.filter(|seat| idle(seat).is_some()).max_by_key(idle) {
            return Verdict::Reuse(seat.environment);
        }
        let (most, kin): (_, Vec<_>) = match self.reserved.get(function) {
            Some(most) => (*most, seats.iter().filter(|seat| seat.function == function).collect()),
            None => (self.shared, seats.iter().filter(|seat| !self.reserves(seat.function)).collect()),
        };
        if kin.len() < most {
            return Verdict::Start;
        }
        let closing = kin.iter().filter(|seat| seat.used == Use::Closing).count();
        match kin.iter().copied().filter(|seat| idle(seat).is_some()).min_by_key(idle) {
            Some(seat) if closing <= promised => Verdict::Close(seat.environment),
            _ => Verdict::Wait,
        }
    }
}

/// Since when the environment has had nothing to do; `None` if it is not idle.
fn idle(seat: &&Seat<'_>) -> Option<Instant> {
    match seat.used {
        Use::Idle(since) => Some(since),
        Use::Busy | Use::Closing => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn places(total: usize, reserved: &[(&str, usize)]) -> Option<Places> {
        Places::new(total, reserved.iter().map(|(name, most)| ((*name).to_owned(), *most)).collect())
    }

    fn seats<'a>(of: &[(&'a str, Use)]) -> Vec<Seat<'a>> {
        (1..).zip(of).map(|(environment, (function, used))| Seat { environment, function, used: *used }).collect()
    }

    #[test]
    fn all_functions_together_have_so_many_places() {
        let places = places(2, &[]).unwrap();
        assert_eq!(places.decide("A", &seats(&[("A", Use::Busy)]), 0), Verdict::Start);
        assert_eq!(places.decide("A", &seats(&[("A", Use::Busy), ("B", Use::Busy)]), 0), Verdict::Wait);
        assert_eq!(places.decide("A", &seats(&[("A", Use::Busy), ("B", Use::Closing)]), 0), Verdict::Wait);
    }

    #[test]
    fn the_one_that_worked_last_is_used_again_and_the_one_idle_for_longest_makes_room() {
        let (places, now) = (places(3, &[]).unwrap(), Instant::now());
        let then = |seconds| Use::Idle(now + Duration::from_secs(seconds));
        let all = seats(&[("A", then(1)), ("A", then(3)), ("B", then(2))]);
        assert_eq!(places.decide("A", &all, 0), Verdict::Reuse(2));
        assert_eq!(places.decide("C", &all, 0), Verdict::Close(1));
    }

    #[test]
    fn each_invocation_that_waits_closes_one_and_not_more() {
        let (places, now) = (places(3, &[]).unwrap(), Instant::now());
        let all = seats(&[("A", Use::Closing), ("A", Use::Idle(now)), ("A", Use::Busy)]);
        assert_eq!(places.decide("B", &all, 0), Verdict::Wait, "the first takes the place that is about to be free");
        assert_eq!(places.decide("B", &all, 1), Verdict::Close(2));
    }

    #[test]
    fn what_a_function_reserves_is_its_own_and_its_bound() {
        let (places, idle) = (places(3, &[("R", 1)]).unwrap(), Use::Idle(Instant::now()));
        assert_eq!(places.decide("R", &seats(&[("A", Use::Busy), ("A", Use::Busy)]), 0), Verdict::Start);
        assert_eq!(places.decide("A", &seats(&[("A", Use::Busy), ("A", Use::Busy)]), 0), Verdict::Wait);
        assert_eq!(places.decide("R", &seats(&[("R", Use::Busy), ("A", idle)]), 0), Verdict::Wait);
        assert_eq!(places.decide("A", &seats(&[("R", idle), ("A", Use::Busy), ("B", Use::Busy)]), 0), Verdict::Wait);
        assert_eq!(self::places(3, &[("R", 0)]).unwrap().decide("R", &[], 0), Verdict::Wait, "none at all");
    }

    #[test]
    fn something_must_be_left_for_the_others() {
        assert!(places(3, &[("R", 3)]).is_none() && places(0, &[]).is_none());
    }
}
