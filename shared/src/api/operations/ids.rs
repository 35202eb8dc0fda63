//! Ids in paths: a webhook's is `<api>:<its id there>`, an event's a ULID.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::OperationsFailure;
use crate::{
    domain::{Api, EventId, WebhookKey},
    http::Request,
    store::Store,
};

/// The longest id of a webhook in its API, in characters: that of a uuid.
const LONGEST: usize = 36;

/// Returns the key of the webhook in the path: `webhook_id` is `<api>:<id>`, `target_id` the id of a notification
/// target. Clients may percent-encode the colon.
///
/// # Errors
///
/// 404 if the segment cannot be a webhook's id.
pub fn webhook(request: &Request) -> Result<WebhookKey, OperationsFailure> {
    match request.path_param("target_id") {
        "" => webhook_key(request.path_param("webhook_id")),
        target => target_key(target),
    }
}

/// Returns the key of the webhook that a path segment names: `<api>:<id>`, possibly percent-encoded.
///
/// # Errors
///
/// 404 if the segment cannot be a webhook's id.
pub fn webhook_key(segment: &str) -> Result<WebhookKey, OperationsFailure> {
    WebhookKey::parse(&decoded(segment)?).filter(is_canonical).ok_or_else(missing)
}

/// Returns the key of the notification target that a path segment names by its id.
///
/// # Errors
///
/// 404 if the segment cannot be a target's id.
pub fn target_key(segment: &str) -> Result<WebhookKey, OperationsFailure> {
    let key = WebhookKey { api: Api::Operations, id: decoded(segment)?.into_owned() };
    Some(key).filter(is_canonical).ok_or_else(missing)
}

fn decoded(segment: &str) -> Result<Cow<'_, str>, OperationsFailure> {
    percent_decode_str(segment).decode_utf8().map_err(|_| missing())
}

/// Returns the id of the event in the path segment `event_id`.
///
/// # Errors
///
/// 404 if the segment is not an event's id.
pub fn event(request: &Request) -> Result<EventId, OperationsFailure> {
    request.path_param("event_id").parse().map_err(|_| missing())
}

/// Makes the key of a new notification target: a ULID of the present time.
#[must_use]
pub fn new_target_key(store: &Store) -> WebhookKey {
    WebhookKey { api: Api::Operations, id: store.new_ulid().to_string() }
}

/// Whether the id is written as its API writes it. Otherwise two ids would lead to one webhook.
fn is_canonical(key: &WebhookKey) -> bool {
    let id = key.id.as_str();
    let word = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    word && (!key.api.has_integer_ids() || key.number().to_string() == id)
}

fn missing() -> OperationsFailure {
    OperationsFailure::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Path;

    fn found(path: &str) -> Option<String> {
        let request = Request { path: Path::from(path), ..Request::default() };
        webhook(&request).ok().map(|key| key.to_string())
    }

    #[test]
    fn a_webhook_has_one_id() {
        for (segment, wanted) in [
            ("sdelements:7", Some("sdelements:7")),
            ("sdelements%3A7", Some("sdelements:7")),
            ("flip:0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", Some("flip:0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d")),
            ("operations:01JQNX4T2B0000000000000001", Some("operations:01JQNX4T2B0000000000000001")),
            ("sdelements:07", None),
            ("sdelements:+7", None),
            ("sdelements:", None),
            ("sdelements:x", None),
            ("socotra:a%23b", None),
            ("socotra:%FF", None),
            ("other:1", None),
            ("7", None),
        ] {
            assert_eq!(found(&format!("/operations/webhooks/{segment}")).as_deref(), wanted, "{segment}");
        }
        let target = found("/operations/notifications/01JQNX4T2B0000000000000001");
        assert_eq!(target.as_deref(), Some("operations:01JQNX4T2B0000000000000001"));
    }
}
