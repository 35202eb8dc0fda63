//! Names, URLs, headers and event types: pure rules that more than one API shares.

pub mod address;
pub mod endpoint_url;
pub mod event_type;
pub mod headers;
pub mod object_id;
pub mod ordering_key;
pub mod project;
pub mod slack_url;
pub mod uuid;
