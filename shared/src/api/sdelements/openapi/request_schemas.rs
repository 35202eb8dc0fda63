//! The schemas of the bodies of POST and PATCH.

use serde_json::{Value, json};

use super::{
    super::{activity, fields::Text, webhook as limits},
    parts::id,
};
use crate::{
    api::openapi::{Document, also, moment, object, optional, refusable, required},
    domain::{DeliveryState, EventSource, Subscription},
    validation::slack_url,
};

/// The schema of what DRF's CharField accepts. A number is accepted as its text. The limits apply to the text without
/// the white space around it.
fn text(limits: &Text) -> Value {
    let pattern = if limits.blank { "^[^\\u0000]*$" } else { "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" };
    let text = json!({"type": "string", "maxLength": limits.most, "pattern": pattern});
    also(text, [json!({"type": "number"})])
}

/// The schema of what DRF's BooleanField accepts.
fn boolean() -> Value {
    let mut words = ["t", "y", "yes", "true", "on", "1", "f", "n", "no", "false", "off", "0"].map(|word| {
        word.chars()
            .map(|c| if c == '0' || c == '1' { c.to_string() } else { format!("[{c}{}]", c.to_ascii_uppercase()) })
            .collect::<String>()
    });
    words.sort();
    let words = json!({"type": "string", "pattern": format!("^({})$", words.join("|"))});
    also(json!({"type": "boolean"}), [json!({"type": "integer", "enum": [0, 1]}), words])
}

/// The schema of a webhook's fields. All are optional in a change.
pub(super) fn webhook(new: bool) -> Value {
    let url = json!({"type": "string", "pattern": slack_url::PATTERN, "maxLength": slack_url::MAX,
        "description": "A Slack incoming webhook. It is a credential.",
        "examples": ["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"]});
    let members = [
        ("name", new, text(&limits::NAME)),
        ("url", new, url),
        optional("description", text(&limits::DESCRIPTION)),
        optional("active", boolean()),
    ];
    object("The writable fields of a webhook. A new one is active by default.", members)
}

/// The schema of an event configuration's fields. All are optional in a change.
pub(super) fn event_configuration(api: &mut Document, new: bool) -> Value {
    let sources = EventSource::ALL.iter().map(|source| source.as_str()).collect::<Vec<_>>();
    let projects = json!({"type": "array", "items": id(), "maxItems": Subscription::MAX_PROJECTS, "uniqueItems": true,
        "description": "The projects whose events are wanted; without any, events of any project or none. Outhook's own."});
    let source = api.taken("EventSource", json!({"type": "string", "enum": sources}));
    object(
        "The writable fields of an event configuration. A new one is active by default.",
        [("event_source", new, source), optional("active", boolean()), refusable("projects", projects)],
    )
}

/// The schema of a request to send deliveries again.
pub(super) fn resend_request() -> Value {
    use DeliveryState::{Delivered, Discarded, Diverted};
    let members = [
        required("state", json!({"type": "string", "enum": [Delivered, Diverted, Discarded]})),
        optional("after", moment()),
        optional("before", moment()),
    ];
    object("Which finished deliveries: `after` is included, `before` is not.", members)
}

/// The schema of an activity to publish.
pub(super) fn new_activity() -> Value {
    let name = json!({"type": "string", "maxLength": activity::NAME.most, "pattern": "^[A-Za-z]*Activity$",
        "examples": [EventSource::CreatedProjectActivity.as_str()]});
    let actor = json!({"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX});
    let actor = also(actor, [json!({"type": "string", "pattern": "^-?[0-9]{1,18}$"})]);
    let members = [
        required("name", name),
        optional("actor", actor),
        optional("text", text(&activity::TEXT)),
        optional("date", moment()),
        optional("data", json!({"type": "object"})),
        optional("icon", text(&activity::WORD)),
        optional("log_level", text(&activity::WORD)),
    ];
    object("An activity. It happens now unless `date` is given.", members)
}
