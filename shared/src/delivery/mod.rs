//! Delivery: rendering an event for its receiver, sending it safely, and deciding what the answer means.

pub mod outcome;
pub mod redact;
pub mod retry_after;
pub mod safety;
pub mod schedule;
pub mod sender;
pub mod slack;
pub mod standard_webhooks;

pub use outcome::{Answer, SendError, Verdict, classify, failure_text};
pub use redact::redact;
pub use sender::{HttpSender, Post, Sender, SenderOptions, Sending};
