//! `POST /events`: publishing any event, for producers that speak none of the four APIs. Outhook's own; errors are shaped as
//! SD Elements' are.

#[cfg(feature = "openapi")]
pub(super) mod openapi;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::sdelements::Failure;
use crate::{
    auth::{Caller, sha256_hex},
    domain::{Event, EventId, MAX_DATA, Moment, OrganizationId, Permission, Timestamp},
    http::{App, Reply, Request},
    store::{Idempotency, PublishEvent, Published, Store},
    validation,
};

/// An event as it was accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub struct EventBody<'a> {
    id: EventId,
    r#type: &'a str,
    project: Option<&'a str>,
    time: Moment,
    request: Option<&'a str>,
    user: Option<&'a str>,
    data: &'a Value,
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
            data: &event.data,
        }
    }
}

/// Reads an event: `type` and `data` (an object) are required; `project`, `time` (RFC 3339, the present unless given),
/// `request` and `user` are optional.
///
/// # Errors
///
/// 400 with what is wrong with each field.
pub fn parse(body: &Value, organization: OrganizationId, id: EventId, now: Timestamp) -> Result<Event, Failure> {
    let Value::Object(fields) = body else {
        return Err(Failure::field("non_field_errors", "Invalid data. Expected a dictionary."));
    };
    let mut failures = Vec::new();
    let present = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let mut optional = |name: &'static str, message: &str, accept: fn(&str) -> bool| {
        let value = present(name)?;
        let text = value.as_str().filter(|text| accept(text)).map(str::to_owned);
        if text.is_none() {
            failures.push((name, message.to_owned()));
        }
        text
    };
    let words = |text: &str| (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let project = optional("project", "Not a valid project.", validation::project::is_valid);
    let time = optional("time", "Not an RFC 3339 date-time.", |text| text.parse::<Timestamp>().is_ok());
    let request = optional("request", "1 to 200 visible ASCII characters are allowed.", words);
    let user = optional("user", "1 to 200 visible ASCII characters are allowed.", words);
    let event_type = match present("type").map(|value| value.as_str().unwrap_or_default()) {
        Some(text) => validation::event_type::check(text).map_err(|why| format!("Not valid: {why}.")),
        None => Err("This field is required.".to_owned()),
    };
    let event_type = event_type.map_err(|message| failures.push(("type", message)));
    let data = match present("data") {
        Some(data) if data.is_object() => data.clone(),
        Some(_) => {
            failures.push(("data", "Expected a dictionary of items.".to_owned()));
            Value::Null
        }
        None => {
            failures.push(("data", "This field is required.".to_owned()));
            Value::Null
        }
    };
    let (Ok(event_type), true) = (event_type, failures.is_empty()) else { return Err(Failure::Validation(failures)) };
    let time = time.and_then(|time| time.parse().ok()).unwrap_or(now);
    Ok(Event { id, organization, project, event_type, time, request, user, data })
}

/// A new event's id.
#[must_use]
pub fn new_id(store: &Store) -> EventId {
    EventId::new(store.clock().now(), u128::from_le_bytes(store.random()))
}

/// Publishes the event once for each Idempotency-Key and answers with `body`, or with what it was answered the first time.
///
/// # Errors
///
/// 400 for a key that is too long or data that is too large, 422 for a key that was used for something else, 503 when DynamoDB is
/// busy.
pub async fn publish(
    app: &App,
    request: &Request,
    caller: &Caller,
    event: &Event,
    body: &(impl Serialize + Sync),
) -> Result<Reply, Failure> {
    let reply = Reply::json(201, body);
    let key = request.headers.get("idempotency-key").map(http::HeaderValue::as_bytes);
    if key.is_some_and(|key| key.is_empty() || key.len() > 255) {
        return Err(Failure::field("Idempotency-Key", "1 to 255 characters are allowed."));
    }
    let idempotency = key.map(|key| Idempotency {
        key_hash: sha256_hex(key),
        request_hash: sha256_hex(&[request.path.trim_end_matches('/').as_bytes(), b"\n", &request.body].concat()),
        answer: reply.body.clone().unwrap_or_default(),
    });
    match app.store.publish(event, caller.organization.event_shards, idempotency.as_ref()).await? {
        Published::Accepted => Ok(reply),
        Published::Repeated(answer) => Ok(Reply { body: Some(answer), ..reply }),
        Published::Mismatch => Err(Failure::IdempotencyMismatch),
        Published::TooLarge => Err(Failure::field("data", format!("At most {MAX_DATA} bytes of JSON are allowed."))),
    }
}

/// The caller, who may publish events.
///
/// # Errors
///
/// 401 or 403.
pub async fn publisher(app: &App, request: &Request) -> Result<Arc<Caller>, Failure> {
    let caller = super::sdelements::caller(app, request).await?;
    if caller.may(Permission::EventsWrite) { Ok(caller) } else { Err(Failure::PermissionDenied) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Event, Failure> {
        let organization = OrganizationId::parse("acme").unwrap();
        parse(body, organization, EventId::new(Timestamp(0), 1), Timestamp(5))
    }

    #[test]
    fn what_is_given_is_kept() {
        let body = json!({"type": "chat.message.sent", "project": "11", "time": "2025-03-31T10:15:00Z", "data": {"b": 1, "a": 2},
            "request": "r", "user": "u"});
        insta::assert_snapshot!(serde_json::to_string(&EventBody::from(&read(&body).unwrap())).unwrap(), @r#"{"id":"00000000000000000000000001","type":"chat.message.sent","project":"11","time":"2025-03-31T10:15:00.000Z","request":"r","user":"u","data":{"b":1,"a":2}}"#);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let body = json!({"type": "a..b", "project": "a/b", "time": "x", "data": [], "user": ""});
        insta::assert_snapshot!(Reply::from(read(&body).unwrap_err()).body.unwrap(), @r#"{"project":["Not a valid project."],"time":["Not an RFC 3339 date-time."],"user":["1 to 200 visible ASCII characters are allowed."],"type":["Not valid: no segment of an event type is empty."],"data":["Expected a dictionary of items."]}"#);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = read(&json!({"type": text, "project": text, "time": text, "request": text, "data": {}}));
        }
    }
}
