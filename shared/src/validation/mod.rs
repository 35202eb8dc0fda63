//! Rules for ids, URLs, headers and event types that more than one API uses. All are pure functions.

pub mod address;
pub mod endpoint_url;
pub mod event_type;
pub mod headers;
mod masked_endpoint;
pub mod object_id;
pub mod ordering_key;
pub mod project;
pub mod slack_compatible_url;
pub mod slack_url;
pub mod uuid;

pub use masked_endpoint::{PUBLIC_WORDS, masked_endpoint};
