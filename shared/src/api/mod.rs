//! The four APIs: each one's wire types, errors and rules, to and from the domain.

pub mod akinon;
pub mod common;
pub mod events;
mod fallback;
pub mod flip;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod routes;
pub mod sdelements;
pub mod socotra;

pub use fallback::fallback;
