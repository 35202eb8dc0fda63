//! Socotra's body: an EventResponse, the same that its events routes answer (apis.md 4.3 and 4.5).

use serde::Serialize;
use serde_json::Value;

use crate::domain::Event;

/// `{"locator", "requestId", "userLocator", "timestamp", "type", "data"}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocotraEvent<'a> {
    locator: String,
    request_id: Option<&'a str>,
    user_locator: Option<&'a str>,
    timestamp: String,
    r#type: &'a str,
    data: &'a Value,
}

impl<'a> From<&'a Event> for SocotraEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            locator: event.id.to_string(),
            request_id: event.request.as_deref(),
            user_locator: event.user.as_deref(),
            timestamp: event.time.to_string(),
            r#type: &event.event_type,
            data: &event.data,
        }
    }
}
