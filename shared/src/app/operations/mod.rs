//! What the operations API reads and does in several steps. The routes of the API, the console and `cargo admin` share
//! it.

mod deliveries;
mod events;
mod notifications;
mod resend;
mod test;
mod webhooks;

pub use test::TestFailure;
