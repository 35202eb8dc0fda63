//! Delivery: from an accepted event to a message at its endpoint. DESIGN section 6.

mod drain;
mod fan_out;
mod form;
mod metrics;
mod outcome;
mod retry_after;
mod run;
mod safety;
mod schedule;
mod sender;
pub mod slack;
mod waker;

pub use drain::{Drain, Tally};
pub use fan_out::{Batch, fan_out};
pub use metrics::{Metrics, NAMESPACE};
pub use outcome::{Answer, SendError, Verdict, classify, failure_text, redact};
pub use retry_after::retry_after;
pub use run::{run_drain, run_fan_out};
pub use safety::is_forbidden;
pub use sender::{HttpSender, Post, Sender, SenderOptions, Sending};
pub use waker::{Command, Wake, Waker};
