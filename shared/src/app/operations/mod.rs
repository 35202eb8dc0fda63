//! What the operations API reads and does in several steps. The routes of the API, the console and `cargo admin` share
//! it.

mod deliveries;
mod events;
mod notifications;
mod resend;
mod rotation;
mod test;
mod webhooks;

pub use deliveries::DeliveryDetail;
pub use events::EventDetail;
pub use test::TestFailure;
pub use webhooks::WEBHOOK_READS;
