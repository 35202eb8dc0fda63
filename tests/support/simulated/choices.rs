//! Who decides what happens next: a seed, or one branch after another of every possibility.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// What an invocation is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An operation of DynamoDB.
    Store(&'static str),
    /// A request to an endpoint.
    Send,
    /// Waking drain.
    Wake,
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done.
    Done,
    /// It is refused, and has no effect.
    Refused,
    /// DynamoDB says that another write was at the same item; it has no effect. Any other step is refused.
    Conflict,
    /// It is done, but its answer is lost.
    AnswerLost,
    /// It is done, its answer is lost, and the SDK tries once more. Of anything but a call to DynamoDB the answer is lost.
    Repeated,
    /// The invocation ends before it.
    CrashBefore,
    /// It is done, and the invocation ends without seeing the answer.
    CrashAfter,
    /// The invocation stands still before it.
    Freeze(Duration),
}

/// Decides.
pub trait Chooser: Send {
    /// One of `among`, from 0.
    fn pick(&mut self, among: usize) -> usize;

    /// What becomes of a step.
    fn fate(&mut self, kind: Kind) -> Fate;

    /// How far the wall clock of a new invocation is off, in milliseconds.
    fn clock_offset(&mut self) -> i64 {
        0
    }
}

/// The next state of a SplitMix64 generator, mixed: its own output and its next seed.
pub fn next(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Nothing goes wrong, and whoever has waited longest goes on.
pub struct InOrder;

impl Chooser for InOrder {
    fn pick(&mut self, _among: usize) -> usize {
        0
    }

    fn fate(&mut self, _kind: Kind) -> Fate {
        Fate::Done
    }
}

/// Something goes wrong with the `n`th step of a kind, counted from 1; everything else is in order.
pub struct Planned(pub Vec<(Kind, usize, Fate)>);

impl Chooser for Planned {
    fn pick(&mut self, _among: usize) -> usize {
        0
    }

    fn fate(&mut self, kind: Kind) -> Fate {
        let mut fate = Fate::Done;
        for (_, left, planned) in self.0.iter_mut().filter(|(wanted, left, _)| *wanted == kind && *left > 0) {
            *left -= 1;
            if *left == 0 {
                fate = *planned;
            }
        }
        fate
    }
}

/// How often things go wrong, in thousandths of all steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Odds {
    /// The invocation ends, before or after the step.
    pub crash: u64,
    /// The step is refused.
    pub refused: u64,
    /// Another write was at the same item.
    pub conflict: u64,
    /// The step is done, and its answer is lost.
    pub answer_lost: u64,
    /// The step is done, and done once more since its answer is lost.
    pub repeated: u64,
    /// The invocation stands still for 5 to 65 seconds.
    pub freeze: u64,
    /// How far wall clocks may be apart from the true time, in milliseconds.
    pub skew: u64,
}

/// Decides by a seed.
pub struct Seeded {
    state: u64,
    odds: Odds,
}

impl Seeded {
    /// Decides by that seed how often things go wrong, and where.
    #[must_use]
    pub fn new(seed: u64, odds: Odds) -> Self {
        Self { state: next(seed), odds }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.state = next(self.state);
        self.state % limit.max(1)
    }
}

impl Chooser for Seeded {
    fn pick(&mut self, among: usize) -> usize {
        usize::try_from(self.below(among as u64)).unwrap()
    }

    fn fate(&mut self, kind: Kind) -> Fate {
        let mut roll = self.below(1_000);
        let mut hits = |share: u64| {
            let hit = roll < share;
            roll = if hit { u64::MAX } else { roll - share };
            hit
        };
        let odds = self.odds;
        if hits(odds.crash) {
            if self.below(2) == 0 { Fate::CrashBefore } else { Fate::CrashAfter }
        } else if hits(odds.refused) {
            Fate::Refused
        } else if hits(odds.conflict) && kind != Kind::Send {
            Fate::Conflict
        } else if hits(odds.answer_lost) {
            Fate::AnswerLost
        } else if hits(odds.repeated) {
            Fate::Repeated
        } else if hits(odds.freeze) {
            Fate::Freeze(Duration::from_secs(5 + self.below(60)))
        } else {
            Fate::Done
        }
    }

    fn clock_offset(&mut self) -> i64 {
        let skew = self.odds.skew;
        i64::try_from(self.below(2 * skew + 1)).unwrap() - i64::try_from(skew).unwrap()
    }
}

/// The choices of one run: those to repeat, then the first of each; and how many there were each time.
#[derive(Debug, Default)]
pub struct Path {
    taken: Vec<(usize, usize)>,
    at: usize,
}

impl Path {
    fn pick(&mut self, among: usize) -> usize {
        if self.at == self.taken.len() {
            self.taken.push((0, among));
        }
        let (choice, before) = self.taken[self.at];
        assert_eq!(before, among, "the run is not repeatable");
        self.at += 1;
        choice
    }

    /// Turns to the next possibility; false if all were seen.
    pub fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, among)) = self.taken.pop() {
            if choice + 1 < among {
                self.taken.push((choice + 1, among));
                return true;
            }
        }
        false
    }
}

/// Follows a path through every order of steps, with at most so many crashes.
pub struct Exhaustive {
    /// The path, shared with whoever turns it to the next possibility.
    pub path: Arc<Mutex<Path>>,
    /// How many crashes may still come.
    pub crashes: usize,
}

impl Chooser for Exhaustive {
    fn pick(&mut self, among: usize) -> usize {
        if among < 2 { 0 } else { self.path.lock().unwrap().pick(among) }
    }

    fn fate(&mut self, _kind: Kind) -> Fate {
        if self.crashes == 0 {
            return Fate::Done;
        }
        let fate = [Fate::Done, Fate::CrashBefore, Fate::CrashAfter][self.path.lock().unwrap().pick(3)];
        self.crashes -= usize::from(fate != Fate::Done);
        fate
    }
}
