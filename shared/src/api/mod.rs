//! The four APIs: each one's wire types, errors and rules, to and from the domain.

pub mod common;
pub mod events;
pub mod routes;
pub mod sdelements;
pub mod socotra;
