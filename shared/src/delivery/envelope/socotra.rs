//! Socotra's body of an event: an EventResponse, as in the replies of its events routes (docs/apis/socotra.md).

use serde::Serialize;

use crate::domain::{Event, EventId, JsonText, Moment};

/// `{"locator", "requestId", "userLocator", "timestamp", "type", "data"}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventResponse"))]
pub struct SocotraEvent<'a> {
    locator: EventId,
    request_id: Option<&'a str>,
    user_locator: Option<&'a str>,
    timestamp: Moment,
    r#type: &'a str,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    data: &'a JsonText,
}

impl<'a> From<&'a Event> for SocotraEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            locator: event.id,
            request_id: event.request.as_deref(),
            user_locator: event.user.as_deref(),
            timestamp: event.time.into(),
            r#type: &event.event_type,
            data: &event.data,
        }
    }
}
