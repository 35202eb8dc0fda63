//! Names, URLs and event types: pure rules that more than one API shares.

pub mod event_type;
pub mod project;
pub mod slack_url;
