//! Draining queues: sending what is pending, in order, one worker at a time for each webhook.

mod at_hand;
mod judge;
mod lease;
mod left;
mod limits;
mod outcome;
mod own_policy;
mod read;
mod resend;
mod run;
mod sweep;
mod tally;
mod worker;

pub use at_hand::Drain;
pub use tally::Tally;
