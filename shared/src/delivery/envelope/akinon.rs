//! Akinon's body of an event. Akinon's documents show none, so the names follow the other fields of its webhooks.

use serde::Serialize;

use crate::domain::{Event, JsonText};

/// An event as Akinon delivers it: `{"_id", "event", "project", "createdAt", "data"}`.
#[derive(Debug, Serialize)]
pub struct AkinonEvent<'a> {
    _id: String,
    event: &'a str,
    project: Option<&'a str>,
    #[serde(rename = "createdAt")]
    created_at: String,
    data: &'a JsonText,
}

impl<'a> From<&'a Event> for AkinonEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            _id: event.id.to_string(),
            event: &event.event_type,
            project: event.project.as_deref(),
            created_at: event.time.to_string(),
            data: &event.data,
        }
    }
}
