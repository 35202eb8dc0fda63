//! Drain: sends the pending deliveries of queues in order. One worker at a time works on a queue.

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
mod telling;
mod worker;

pub use at_hand::Drain;
pub use tally::Tally;
