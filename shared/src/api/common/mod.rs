//! What more than one of the APIs needs.

pub mod credentials;
pub mod json_body;
