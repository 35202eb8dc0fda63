//! Delivery: takes an accepted event and sends it to the endpoints that want it. docs/delivery.md lists the guarantees.

mod drain;
pub mod envelope;
mod fan_out;
mod form;
mod metrics;
pub mod operational;
pub mod outcome;
mod queueing;
mod reason;
pub mod redact;
pub mod retry_after;
mod run;
pub mod schedule;
pub mod sender;
pub mod slack;
mod spread;
pub mod standard_webhooks;
mod test_message;
mod tick;
mod waker;

pub use drain::{Drain, Tally};
pub use fan_out::{Batch, fan_out};
pub use form::{Envelope, Form, HOPS, slack_post};
pub use metrics::{Metrics, observe_metrics};
pub use outcome::{Answer, SendError, Verdict, classify, failure_text};
pub use redact::Secrets;
pub use run::{run_drain, run_fan_out, run_spread, run_tick};
pub use sender::{HttpSender, Post, Sender, SenderOptions, Sending, Success};
pub use spread::Spread;
pub use test_message::{post_once, send_test};
pub use tick::Tick;
pub use waker::{Command, SpreadCommand, Wake, Waker, Waking};
