//! The schemas of the bodies of POST and PATCH, with the names that Socotra's documents use.

use serde_json::{Value, json};

use super::super::{endpoint::TAG_MOST, webhook::NAME_MOST};
use crate::{
    api::openapi::{Document, Member, endpoint_url, event_type, event_types, object, refusable, required},
    delivery::standard_webhooks::PREFIX,
    domain::{Growth, RetryStrategy},
    validation::headers,
};

/// The schema of a CreateWebhookRequest.
pub(super) fn new_webhook(api: &mut Document) -> Value {
    let mut endpoint = object(
        "An endpoint. Where `hmacEnabled` is true, `secret` is required.",
        [required("url", endpoint_url()), refusable("headers", header_map())].into_iter().chain(of_endpoints()),
    );
    // This is not a choice between two schemas, because client generators make two types of it.
    endpoint["if"] = json!({"required": ["hmacEnabled"], "properties": {"hmacEnabled": {"enum": [true]}}});
    endpoint["then"] = json!({"required": ["secret"], "properties": {"secret": {"type": "string"}}});
    let endpoint = api.taken("CreateEndpointRequest", endpoint);
    let growth = api.answered::<Growth>();
    let retry = object("How failures are retried.", retry_members(growth, required));
    let retry = api.taken("RetryStrategyCreateRequest", retry);
    let handling = object(
        "What happens to failures; nothing unless given.",
        [
            refusable("alertEndpoint", endpoint.clone()),
            refusable("divert", switch()),
            refusable("suspend", switch()),
            refusable("triggers", triggers()),
            refusable("retryStrategy", retry),
        ],
    );
    let handling = api.taken("FailureHandlingCreateRequest", handling);
    object(
        "The webhook to create.",
        [
            required("name", name()),
            required("enabled", switch()),
            required("endpoint", endpoint),
            required("eventTypes", event_types(0, &event_type())),
            refusable("failureHandling", handling),
        ],
    )
}

/// The schema of an UpdateWebhookRequest.
pub(super) fn changes(api: &mut Document) -> Value {
    let members =
        [refusable("url", endpoint_url()), refusable("addHeaders", header_map()), refusable("removeHeaders", texts())];
    let endpoint =
        object("What changes of an endpoint. A new one needs `url`.", members.into_iter().chain(of_endpoints()));
    let endpoint = api.taken("UpdateEndpointRequest", endpoint);
    let retry = object(
        "The changes to a strategy. A new one needs `type` and `interval`.",
        retry_members(api.answered::<Growth>(), refusable),
    );
    let retry = api.taken("RetryStrategyUpdateRequest", retry);
    let handling = object(
        "What changes of the failure handling.",
        [
            refusable("removeAlertEndpoint", switch()),
            refusable("alertEndpoint", endpoint.clone()),
            refusable("divert", switch()),
            refusable("suspend", switch()),
            refusable("removeTriggers", triggers()),
            refusable("addTriggers", triggers()),
            refusable("removeRetryStrategy", switch()),
            refusable("retryStrategy", retry),
        ],
    );
    let handling = api.taken("FailureHandlingUpdateRequest", handling);
    object(
        "The changes to a webhook. At each level, removals are applied first.",
        [
            refusable("name", name()),
            refusable("enabled", switch()),
            refusable("endpoint", endpoint),
            refusable("removeFailureHandling", switch()),
            refusable("failureHandling", handling),
            refusable("removeEventTypes", texts()),
            refusable("addEventTypes", event_types(0, &event_type())),
        ],
    )
}

fn name() -> Value {
    json!({"type": "string", "maxLength": NAME_MOST, "pattern": "\\S"})
}

fn switch() -> Value {
    json!({"type": "boolean"})
}

fn texts() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn triggers() -> Value {
    json!({"type": "array", "items": {"type": "string", "pattern": "^(4xx|5xx|timeout|[45][0-9]{2})$"}})
}

fn header_map() -> Value {
    json!({
        "type": "object",
        "description": format!(
            "Headers of each request: at most {} values and {} KB in all.", headers::MOST, headers::MOST_BYTES / 1024
        ),
        "maxProperties": headers::MOST,
        "propertyNames": {"pattern": headers::NAME_PATTERN},
        "additionalProperties": {"type": "array", "items": {"type": "string", "pattern": headers::VALUE_PATTERN}},
    })
}

fn of_endpoints() -> [Member; 4] {
    let secret = json!({
        "type": "string",
        "pattern": format!("^{PREFIX}([A-Za-z0-9+/]{{4}}){{8,21}}$"),
        "description": "Signs requests: the base64 of 24 to 64 bytes. Padded base64 is accepted too.",
    });
    let secure = "Always true, because certificates are always checked: `false` is refused.";
    [
        // This is not an `enum`, because client generators refuse an `enum` of booleans.
        refusable("secureSsl", json!({"type": "boolean", "not": {"enum": [false]}, "description": secure})),
        refusable("hmacEnabled", switch()),
        refusable("secret", secret),
        refusable("tag", json!({"type": "string", "maxLength": TAG_MOST})),
    ]
}

fn retry_members(growth: Value, needed: fn(&'static str, Value) -> Member) -> [Member; 3] {
    let longest = RetryStrategy::LONGEST.as_secs();
    let (most, default) = (RetryStrategy::MAX_ATTEMPTS, RetryStrategy::DEFAULT_ATTEMPTS);
    let interval =
        json!({"type": "integer", "minimum": 1, "maximum": longest, "description": "The first wait, in seconds."});
    [
        needed("type", growth),
        needed("interval", interval),
        refusable("attempts", json!({"type": "integer", "minimum": 1, "maximum": most, "default": default})),
    ]
}
