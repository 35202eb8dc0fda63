//! Parsing and checks that several APIs share. Errors are returned as values, and each API reports them in its own
//! format.

mod attempt;
mod bearer;
pub mod credentials;
mod event_types;
mod fitting;
pub mod json_body;
mod object;
mod parameters;
mod shown;
mod store_failure;
mod suspension;
mod unserved;

pub use attempt::AttemptBody;
pub use bearer::bearer;
pub use event_types::{BadEventTypes, event_types};
pub use fitting::fitting;
pub use object::FieldError;
pub(in crate::api) use object::{Object, Problems, REQUIRED};
pub(in crate::api) use parameters::Parameters;
pub use shown::{MASK, Shown};
pub use store_failure::StoreFailure;
pub use suspension::SuspensionBody;
pub use unserved::unserved;
