//! What more than one API needs at its edge. It says what is wrong; each API says it in its own shape.

mod bearer;
pub mod credentials;
mod event_types;
mod fitting;
pub mod json_body;
mod shown;
mod store_failure;
mod suspension;

pub use bearer::bearer;
pub use event_types::{BadEventTypes, event_types};
pub use fitting::fitting;
pub use shown::{MASK, Shown};
pub use store_failure::StoreFailure;
pub use suspension::SuspensionBody;
