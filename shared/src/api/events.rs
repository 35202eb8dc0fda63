//! `POST /events` publishes any event, for producers that use none of the four APIs. It is Outhook's own endpoint. Its
//! errors have the same shape as those of the SD Elements API.

mod batch;
mod event;
#[cfg(feature = "openapi")]
pub(super) mod openapi;
mod publishing;

pub use batch::{Batch, BatchBody, BatchResult, publish_batch};
pub(super) use event::said_of_data;
pub use event::{EventBody, NewEvent};
pub use publishing::{Repeats, publish};
