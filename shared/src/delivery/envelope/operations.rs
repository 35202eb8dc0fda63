//! The body in which a notification target gets an operational event.

use serde::Serialize;

use crate::domain::{Event, JsonText};

/// An operational event as a notification target of the kind `webhook` gets it: `{"type", "id", "time", "data"}`.
#[derive(Debug, Serialize)]
pub struct OperationsEvent<'a> {
    r#type: &'a str,
    id: String,
    time: String,
    data: &'a JsonText,
}

impl<'a> From<&'a Event> for OperationsEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self { r#type: &event.event_type, id: event.id.to_string(), time: event.time.to_string(), data: &event.data }
    }
}
