//! The OpenAPI document of this API.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{Code, DeletedBody, FlipFailure, WebhookBody, WebhooksBody, failure::Problem};
use crate::{
    api::{
        common::json_body::BadBody,
        openapi::{Document, Operation, endpoint_url, event_type, event_types, object, required},
    },
    domain::Pattern,
};

const DESCRIPTION: &str = "\
Webhooks of a user, signed as Standard Webhooks. Needs a token with the permission `WEBHOOK_MANAGEMENT`; its user is the \
current user, its organization the tenant. Both slash forms of a path are served; HEAD is GET without a body; another method \
is a 405 with `Allow`. Unknown keys of a body are ignored.";

const LIST: &str = "/api/webhooks/v4/webhooks";
const WEBHOOK: &str = "/api/webhooks/v4/webhooks/{webhook_id}";

/// Builds the OpenAPI document of Flip's API.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("flip", "Flip webhooks, version 4", DESCRIPTION, error);
    api.security("bearer", json!({"type": "http", "scheme": "bearer"}));
    api.every_reply_has("flip-request-id", "The gateway's request id, under which the log has the request.");
    api.any_fails([
        FlipFailure::Unauthenticated,
        FlipFailure::Forbidden,
        FlipFailure::Internal,
        FlipFailure::Unavailable,
    ]);
    let body = |status, why: &str| FlipFailure::Body(status, why.to_owned());
    api.bodies_fail([
        body(400, "the request body is not valid JSON: expected value at line 1 column 1"),
        FlipFailure::NotAnObject,
        BadBody::TooLarge.into(),
        BadBody::UnsupportedMediaType(String::new()).into(),
    ]);
    let uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    api.segment(
        "webhook_id",
        "The webhook's id, in lower case.",
        json!({"type": "string", "format": "uuid", "pattern": uuid}),
    );
    webhooks(&mut api);
    states(&mut api);
    api.finish()
}

fn error(generator: &mut SchemaGenerator, _: u16) -> Value {
    generator.subschema_for::<Problem>().to_value()
}

fn show_authentication(op: &mut Operation<'_>) {
    let schema = json!({"type": "boolean", "default": false});
    op.query("show_authentication", "Whether to show the signing secret.", schema);
    op.fails([FlipFailure::Parameter("show_authentication")]);
}

fn new_webhook() -> Value {
    let mut item = event_type();
    item["pattern"] = json!(format!("^[A-Za-z0-9_:-]+(\\.[A-Za-z0-9_:-]+){{0,{}}}$", Pattern::MAX_PREFIX_SEGMENTS - 1));
    item["description"] = json!("An event type, or a prefix of its dotted segments.");
    let subscription = object("What the webhook receives.", [required("event_types", event_types(1, &item))]);
    object("The webhook to register.", [required("url", endpoint_url()), required("subscription", subscription)])
}

fn webhooks(api: &mut Document) {
    api.group("Webhooks", "Webhooks of the current user.");
    api.operation("GET", LIST, "listWebhooks", "List webhooks", |op| {
        op.describe("All webhooks that the current user registered, with their status, oldest first.");
        show_authentication(op);
        op.reply::<WebhooksBody<'_>>(200, "The user's webhooks.");
    });
    api.operation("POST", LIST, "registerWebhook", "Register a webhook", |op| {
        op.describe("The URL must differ from that of every other webhook of the organization.");
        op.body("NewWebhook", new_webhook());
        let next = ["retrieveWebhook", "deleteWebhook", "pauseWebhook", "unpauseWebhook"];
        op.leads_to("webhook_id", "/id", next);
        let wrong = |code, field, why: &str| FlipFailure::Field(code, field, why.to_owned());
        op.fails([
            wrong(Code::InvalidSubscription, "subscription", "a subscription is required"),
            wrong(Code::InvalidUrl, "url", "a URL is required"),
            wrong(Code::InvalidUrlIsNotUsingHttps, "url", "the URL must use https"),
            FlipFailure::DuplicateUrl,
            FlipFailure::TooMany(100),
        ]);
        op.reply::<WebhookBody<'_>>(201, "The new webhook with its signing secret.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "Retrieve a webhook", |op| {
        op.describe("One webhook of the current user. A webhook of another user is a 404.");
        show_authentication(op);
        op.fails([FlipFailure::WebhookNotFound]);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
    api.operation("DELETE", WEBHOOK, "deleteWebhook", "Delete a webhook", |op| {
        op.describe("Deletes a webhook. Events that are queued for it are lost.");
        op.fails([FlipFailure::WebhookNotFound]);
        op.reply::<DeletedBody<'_>>(200, "The id of the deleted webhook.");
    });
}

fn states(api: &mut Document) {
    api.operation("POST", &format!("{WEBHOOK}/pause"), "pauseWebhook", "Pause a webhook", |op| {
        op.describe("Stops delivery. Events are buffered, and are sent after `unpause`.");
        op.fails([FlipFailure::WebhookNotFound]);
        op.reply::<WebhookBody<'_>>(200, "The paused webhook.");
    });
    api.operation("POST", &format!("{WEBHOOK}/unpause"), "unpauseWebhook", "Unpause a webhook", |op| {
        op.describe(
            "Resumes delivery that the owner paused or the system stopped, oldest event first. A second call within ten seconds is a 429.",
        );
        show_authentication(op);
        op.fails([FlipFailure::WebhookNotFound, FlipFailure::TooSoon(10)]);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
}
