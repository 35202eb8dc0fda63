//! An event in requests and replies.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    api::sdelements::SdElementsFailure,
    domain::{BadJsonText, Event, EventId, JsonText, MAX_DATA, Moment, Organization, Timestamp, members},
    encoding::sha256_hex,
    store::Store,
    validation::{self, ordering_key},
};

/// An event as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub struct EventBody<'a> {
    id: EventId,
    r#type: &'a str,
    project: Option<&'a str>,
    time: Moment,
    request: Option<&'a str>,
    user: Option<&'a str>,
    ordering_key: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    data: &'a JsonText,
}

impl<'a> From<&'a Event> for EventBody<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: event.id,
            r#type: &event.event_type,
            project: event.project.as_deref(),
            time: event.time.into(),
            request: event.request.as_deref(),
            user: event.user.as_deref(),
            ordering_key: event.ordering_key.as_deref(),
            data: &event.data,
        }
    }
}

/// The body of a request to publish an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    project: Option<String>,
    event_type: String,
    time: Option<Timestamp>,
    request: Option<String>,
    user: Option<String>,
    ordering_key: Option<String>,
    data: JsonText,
}

impl NewEvent {
    /// Parses the JSON text of a body. `type` and `data` (an object) are required. `project`, `time` (RFC 3339, the
    /// present by default), `request`, `user` and `ordering_key` are optional; `null` counts as absent.
    ///
    /// # Errors
    ///
    /// 400 with one message for each invalid field.
    pub fn parse(body: &str) -> Result<Self, SdElementsFailure> {
        let names = ["type", "project", "time", "request", "user", "ordering_key", "data"];
        let fields = members(body, names)
            .map_err(|_| SdElementsFailure::field("non_field_errors", "Invalid data. Expected a dictionary."))?;
        let [event_type, project, time, request, user, ordering_key, data] =
            fields.map(|field| field.filter(|value| value.get() != "null"));
        let mut failures = Vec::new();
        let mut optional = |field: Option<&RawValue>, name: &'static str, message: &str, accept: fn(&str) -> bool| {
            let text = string(field?).filter(|text| accept(text));
            if text.is_none() {
                failures.push((name, message.into()));
            }
            text
        };
        let words = |text: &str| (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_moment = |text: &str| text.parse::<Timestamp>().is_ok();
        let project = optional(project, "project", "Not a valid project.", validation::project::is_valid);
        let time = optional(time, "time", "Not an RFC 3339 date-time.", is_moment);
        let request = optional(request, "request", "1 to 200 visible ASCII characters are allowed.", words);
        let user = optional(user, "user", "1 to 200 visible ASCII characters are allowed.", words);
        let ordering_key =
            optional(ordering_key, "ordering_key", "1 to 256 characters are allowed.", ordering_key::is_valid);
        let event_type = match event_type.map(|value| string(value).unwrap_or_default()) {
            Some(text) => validation::event_type::check_published(&text).map_err(|why| format!("Not valid: {why}.")),
            None => Err("This field is required.".to_owned()),
        };
        let event_type = event_type.map_err(|message| failures.push(("type", message.into())));
        let data = match data {
            Some(data) => JsonText::parse(data.get()).map_err(|bad| said_of_data(&bad)),
            None => Err("This field is required.".to_owned()),
        };
        let data = data.map_err(|message| failures.push(("data", message.into())));
        match (event_type, data) {
            (Ok(event_type), Ok(data)) if failures.is_empty() => {
                let time = time.and_then(|time| time.parse().ok());
                Ok(Self { project, event_type, time, request, user, ordering_key, data })
            }
            _ => Err(SdElementsFailure::Validation(failures)),
        }
    }

    /// A hash of what the event says, in hex, however it is written.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let Self { project, event_type, time, request, user, ordering_key, data } = self;
        let said = serde_json::to_string(&(event_type, project, time, request, user, ordering_key, data));
        sha256_hex(said.unwrap_or_default().as_bytes())
    }

    /// Turns this into an event that is accepted now and has a new id. Its time is the time of acceptance unless the
    /// body gave one.
    #[must_use]
    pub fn event(self, store: &Store, organization: &Organization) -> Event {
        let Self { project, event_type, time, request, user, ordering_key, data } = self;
        let id = store.new_event_id(organization, ordering_key.as_deref().or(project.as_deref()));
        let event = Event::new(id, organization.id.clone(), event_type, time.unwrap_or(id.time()), data);
        Event { project, request, user, ordering_key, ..event }
    }
}

/// Parses a JSON text as a string. Returns `None` if it is not one.
pub(super) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The message for data that an event cannot have.
pub(in crate::api) fn said_of_data(bad: &BadJsonText) -> String {
    match bad {
        BadJsonText::NotAnObject => "Expected a dictionary of items.".to_owned(),
        BadJsonText::TooLarge => format!("At most {MAX_DATA} bytes of JSON are allowed."),
        BadJsonText::TooDeep | BadJsonText::NotJson(_) => format!("Not valid: {bad}."),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{domain::OrganizationId, http::Reply};

    fn event_of(new: NewEvent) -> Event {
        let NewEvent { project, event_type, time, request, user, ordering_key, data } = new;
        let organization = OrganizationId::parse("acme").unwrap();
        let event = Event::new(EventId::new(Timestamp(0), 1), organization, event_type, time.unwrap_or_default(), data);
        Event { project, request, user, ordering_key, ..event }
    }

    fn echoed(body: &str) -> String {
        serde_json::to_string(&EventBody::from(&event_of(NewEvent::parse(body).unwrap()))).unwrap()
    }

    fn refused(body: &str) -> String {
        Reply::from(NewEvent::parse(body).unwrap_err()).body.unwrap()
    }

    #[test]
    fn what_is_given_is_kept() {
        let body = r#"{"type": "chat.message.sent", "project": "11", "time": "2025-03-31T10:15:00Z", "data": {"b": 1, "a": 2},
            "request": "r", "user": "u", "ordering_key": "é k"}"#;
        insta::assert_snapshot!(echoed(body), @r#"{"id":"00000000000000000000000001","type":"chat.message.sent","project":"11","time":"2025-03-31T10:15:00.000Z","request":"r","user":"u","ordering_key":"é k","data":{"b":1,"a":2}}"#);
        insta::assert_snapshot!(echoed(r#"{"type": "a", "data": {"n": 403.45000000000005, "n": -0, "m": 1e400, "s": "\ud83d"}, "x": "\ud83d"}"#), @r#"{"id":"00000000000000000000000001","type":"a","project":null,"time":"1970-01-01T00:00:00.000Z","request":null,"user":null,"ordering_key":null,"data":{"n":403.45000000000005,"n":-0,"m":1e400,"s":"\ud83d"}}"#);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let body = r#"{"type": "a..b", "project": "a/b", "time": "x", "data": [], "user": "", "ordering_key": ""}"#;
        insta::assert_snapshot!(refused(body), @r#"{"project":["Not a valid project."],"time":["Not an RFC 3339 date-time."],"user":["1 to 200 visible ASCII characters are allowed."],"ordering_key":["1 to 256 characters are allowed."],"type":["Not valid: no segment of an event type is empty."],"data":["Expected a dictionary of items."]}"#);
        insta::assert_snapshot!(refused("[]"), @r#"{"non_field_errors":["Invalid data. Expected a dictionary."]}"#);
        insta::assert_snapshot!(refused(r#"{"type": "\ud83d", "ordering_key": 1}"#), @r#"{"ordering_key":["1 to 256 characters are allowed."],"type":["Not valid: an event type has 1 to 200 characters."],"data":["This field is required."]}"#);
    }

    #[test]
    fn reserved_types_are_refused() {
        insta::assert_snapshot!(refused(r#"{"type": "outhook.webhook.failing", "data": {}}"#), @r#"{"type":["Not valid: event types that begin with `outhook.` are reserved for the system."]}"#);
    }

    #[test]
    fn the_content_of_an_event_does_not_depend_on_how_it_is_written() {
        let hash = |body: &str| NewEvent::parse(body).unwrap().content_hash();
        let event = hash(r#"{"type": "a", "project": "1", "data": {"b": 1}}"#);
        assert_eq!(event, hash(r#"{"data":{"b":1},"user":null,"project":"1","type":"a","id_key":"k"}"#));
        for other in [
            r#"{"type": "b", "project": "1", "data": {"b": 1}}"#,
            r#"{"type": "a", "data": {"b": 1}}"#,
            r#"{"type": "a", "user": "1", "data": {"b": 1}}"#,
            r#"{"type": "a", "project": "1", "data": {"b": 1.0}}"#,
            r#"{"type": "a", "project": "1", "time": "2025-03-31T10:15:00Z", "data": {"b": 1}}"#,
        ] {
            assert_ne!(event, hash(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let body = json!({"type": text, "project": text, "time": text, "request": text, "ordering_key": text, "data": {}});
            let _ = NewEvent::parse(&body.to_string());
            let _ = NewEvent::parse(&text);
        }

        #[test]
        fn data_is_echoed_as_it_was_published((spaced, dense) in crate::domain::json_texts()) {
            let body = echoed(&format!("{{\"type\":\"a\",\"data\":{spaced}}}"));
            prop_assert!(body.ends_with(&format!("\"data\":{dense}}}")), "{}", body);
        }
    }
}
