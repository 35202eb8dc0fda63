//! Flip's body of an event: the payload that the Standard Webhooks specification recommends.

use serde::Serialize;

use crate::domain::{Event, JsonText};

/// An event as Flip delivers it: `{"type", "timestamp", "data"}`. Flip's documents show no sample; its clients read
/// `type` and `data` (docs/apis/flip.md).
#[derive(Debug, Serialize)]
pub struct FlipEvent<'a> {
    r#type: &'a str,
    timestamp: String,
    data: &'a JsonText,
}

impl<'a> From<&'a Event> for FlipEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self { r#type: &event.event_type, timestamp: event.time.to_string(), data: &event.data }
    }
}
