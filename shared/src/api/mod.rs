//! The four APIs and Outhook's own. Each has its own wire types, errors and rules, and converts them to and from the domain.

mod access;
pub mod akinon;
pub mod common;
#[cfg(feature = "openapi")]
mod documents;
pub mod events;
pub mod flip;
#[cfg(feature = "openapi")]
mod openapi;
pub mod operations;
pub mod sdelements;
pub mod socotra;

pub use access::Access;
#[cfg(feature = "openapi")]
pub use documents::documents as openapi_documents;
#[cfg(feature = "openapi")]
pub use openapi::rendered_as_3_0 as openapi_rendered_as_3_0;
