//! Reaches AWS: its credentials, connections and endpoints, and calls to services without an SDK.

mod call;
mod connection;
mod credentials;

pub use aws_types::SdkConfig;
pub use call::{Call, CallError, Service, segment};
pub(crate) use connection::variable;
pub use connection::{Aws, connect};
