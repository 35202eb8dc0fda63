//! What more than one API needs at its edge: reading a body, a token's key, the URL and the event types of an endpoint. It
//! says what is wrong; each API says it in its own shape.

mod bearer;
mod body;
mod event_types;
mod suspension;

pub use bearer::bearer;
pub use body::{Unreadable, json};
pub use event_types::{BadEventTypes, event_types};
pub use suspension::SuspensionBody;
