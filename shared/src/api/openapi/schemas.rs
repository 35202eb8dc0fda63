//! Schemas of what is taken, from the limits of the validators. A schema may promise less than is taken (other spellings of
//! a URL), never more.

use serde_json::{Map, Value, json};

use super::walk;
use crate::{
    domain::Webhook,
    validation::{endpoint_url as url, event_type as types, project as projects},
};

/// A ULID in its canonical form.
pub(super) const ULID: &str = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";

/// A member of an object and whether it must be there.
pub(in crate::api) type Member = (&'static str, bool, Value);

/// A member that must be there.
pub(in crate::api) fn required(name: &'static str, schema: Value) -> Member {
    (name, true, schema)
}

/// A member that may be left out.
pub(in crate::api) fn optional(name: &'static str, schema: Value) -> Member {
    (name, false, schema)
}

/// A member that may be left out. `null` is accepted for it too.
pub(in crate::api) fn refusable(name: &'static str, schema: Value) -> Member {
    (name, false, also(schema, [json!({"type": "null"})]))
}

/// A schema beside which those are accepted too: the document promises the first alone.
pub(in crate::api) fn also<const N: usize>(mut schema: Value, others: [Value; N]) -> Value {
    schema[walk::ALSO_ACCEPTS] = json!(others.as_slice());
    schema
}

/// An object with these members; others are ignored.
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

/// A moment, RFC 3339.
pub(in crate::api) fn moment() -> Value {
    json!({"type": "string", "format": "date-time", "examples": ["2025-03-31T10:15:00.000Z"]})
}

/// The id of an event, or a locator of Socotra's.
pub(in crate::api) fn ulid() -> Value {
    json!({"type": "string", "pattern": ULID, "examples": ["01JQNX4T2B0000000000000001"]})
}

/// 24 hex digits.
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

/// At least so many of the schema's event types.
pub(in crate::api) fn event_types(least: usize, item: &Value) -> Value {
    json!({"type": "array", "items": item, "minItems": least, "maxItems": Webhook::MAX_SUBSCRIPTIONS})
}

/// The URL of an endpoint that is not Slack's.
pub(in crate::api) fn endpoint_url() -> Value {
    // Flat, since generators of examples take minutes for nested repetitions.
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
