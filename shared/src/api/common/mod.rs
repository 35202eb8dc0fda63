//! Parsing and checks that several APIs share. Errors are returned as values, and each API reports them in its own
//! format.

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
