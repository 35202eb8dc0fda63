//! The engine on a simulated machine: the shipped `fan_out`, `Drain` and `Store` on the embedded DynamoDB. Only time, chance,
//! the network and Lambda are simulated, so that a run can be repeated, no test waits, and every order of steps can be seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests and measurements run on it")]

mod account;
mod aws;
mod capacity;
mod choices;
mod database;
mod engine;
mod happenings;
mod invariants;
mod lag;
mod receiver;
mod records;
pub mod scale;
mod simulation;
mod told;
mod watch;

pub use account::{Account, Usage};
pub use aws::{Aws, Function, Settings, template};
pub use choices::{Exhaustive, Fate, InOrder, Kind, Odds, Path, Planned, Seeded, next};
pub use engine::{Draft, Engine, TYPE, at_once, new_delivery, url, wants};
pub use happenings::Happening;
pub use receiver::{Arrival, Body, Reply};
pub use records::PublishedEvent;
pub use told::Tellings;
pub use watch::{Alarm, Watch};
