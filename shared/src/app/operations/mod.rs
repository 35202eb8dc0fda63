//! What the operations API reads and does in several steps. The routes of the API and the console share it.

mod deliveries;
mod events;
mod notifications;
mod rotation;
mod test;
mod webhooks;

pub use deliveries::DeliveryDetail;
pub use events::EventDetail;
pub use test::TestFailure;
