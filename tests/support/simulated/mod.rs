//! The engine on a simulated machine: the shipped `fan_out`, `Drain` and `Store` on the embedded DynamoDB. Only time, chance,
//! the network and Lambda are simulated, so that a run can be repeated, no test waits, and every order of steps can be seen.

mod choices;
mod database;
mod invariants;
mod receiver;
mod records;
mod simulation;
mod world;

pub(crate) use choices::{Exhaustive, InOrder, Odds, Path, Planned, Seeded, next};
pub(crate) use receiver::{Arrival, Reply};
pub(crate) use simulation::{Fate, Kind};
pub(crate) use world::{World, at_once, url};
