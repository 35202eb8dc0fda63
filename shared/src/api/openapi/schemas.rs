//! Schemas of requests, from the limits of the validators. A schema may promise less than is accepted (for example not
//! every spelling of a URL), but never more.

use serde_json::{Map, Value, json};

use super::walk;
use crate::{
    domain::Webhook,
    validation::{endpoint_url as url, event_type as types, project as projects},
};

/// The pattern of a ULID in its canonical form.
pub(super) const ULID: &str = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";

/// A member of an object: its name, whether it is required, and its schema.
pub(in crate::api) type Member = (&'static str, bool, Value);

/// A required member.
pub(in crate::api) fn required(name: &'static str, schema: Value) -> Member {
    (name, true, schema)
}

/// An optional member.
pub(in crate::api) fn optional(name: &'static str, schema: Value) -> Member {
    (name, false, schema)
}

/// An optional member. `null` is accepted for it too, but not promised.
pub(in crate::api) fn refusable(name: &'static str, schema: Value) -> Member {
    (name, false, also(schema, [json!({"type": "null"})]))
}

/// Records other schemas that are accepted too. The document promises only the first.
pub(in crate::api) fn also<const N: usize>(mut schema: Value, others: [Value; N]) -> Value {
    schema[walk::ALSO_ACCEPTS] = json!(others.as_slice());
    schema
}

/// An object with these members. Other members are ignored.
pub(in crate::api) fn object(description: &str, members: impl IntoIterator<Item = Member>) -> Value {
    let (mut properties, mut needed) = (Map::new(), Vec::new());
    for (name, required, schema) in members {
        properties.insert(name.to_owned(), schema);
        needed.extend(required.then_some(name));
    }
    let mut schema = json!({"type": "object", "description": description, "properties": properties});
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

/// An RFC 3339 date-time.
pub(in crate::api) fn moment() -> Value {
    json!({"type": "string", "format": "date-time", "examples": ["2025-03-31T10:15:00.000Z"]})
}

/// The id of an event, or one of Socotra's locators: a ULID.
pub(in crate::api) fn ulid() -> Value {
    json!({"type": "string", "pattern": ULID, "examples": ["01JQNX4T2B0000000000000001"]})
}

/// An id of 24 hex digits.
pub(in crate::api) fn object_id() -> Value {
    json!({"type": "string", "pattern": "^[0-9a-fA-F]{24}$", "examples": ["507f1f77bcf86cd799439011"]})
}

/// A project's id.
pub(in crate::api) fn project() -> Value {
    json!({"type": "string", "pattern": format!("^[A-Za-z0-9_.-]{{1,{}}}$", projects::MAX), "examples": ["11"]})
}

/// One event type.
pub(in crate::api) fn event_type() -> Value {
    json!({
        "type": "string",
        "maxLength": types::MAX,
        "pattern": "^[A-Za-z0-9_:-]+(\\.[A-Za-z0-9_:-]+)*$",
        "examples": ["chat.message.sent"],
    })
}

/// A list of event types with the schema `item`: at least `least` and at most `Webhook::MAX_SUBSCRIPTIONS` of them.
pub(in crate::api) fn event_types(least: usize, item: &Value) -> Value {
    json!({"type": "array", "items": item, "minItems": least, "maxItems": Webhook::MAX_SUBSCRIPTIONS})
}

/// The URL of an endpoint that is not Slack's.
pub(in crate::api) fn endpoint_url() -> Value {
    // No nested repetitions, because generators of examples take minutes for them.
    let host = "([A-Za-z0-9_-]{1,63}\\.){1,3}([A-Za-z]{2}|com|net|org|info|app|dev|cloud|example)";
    let port = "(:(443|8443|[1-5][0-9]{4}))?";
    let rest = "([/?][^\\s\\\\#\\u0000-\\u001f\\u007f-\\u009f]*)?";
    json!({
        "type": "string",
        "maxLength": url::MAX,
        "pattern": format!("^https://{host}{port}{rest}$"),
        "description": "An https URL without user and fragment, its host on the public internet. Other top-level domains, \
                        international names, public addresses and other ports of HTTP are taken too.",
        "examples": ["https://example.com/hook"],
    })
}
