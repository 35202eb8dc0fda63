//! The parts of a function that answers HTTP requests: its [`App`], the loop that serves requests, and authentication.

mod access;
mod at_hand;
mod callers;
mod defect;
mod fallback;
#[cfg(test)]
mod odd_events;
mod operations;
mod run;
mod serve;
mod sessions;
mod webhooks;

pub use at_hand::App;
pub use callers::{Callers, Prefetched};
pub use defect::defect;
pub use fallback::{deployed_apis, fallback, is_deployed};
pub use operations::{DeliveryDetail, EventDetail, TestFailure, WEBHOOK_READS};
pub use run::{Defect, Handle, ReplyFuture, run};
pub use sessions::{Entered, Visiting};
