//! The OpenAPI document of this API.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{
    AkinonFailure, CreatedBody, WebhookBody,
    failure::{ErrorBody, FieldError},
    fields::LONGEST_NAME,
};
use crate::{
    api::{
        common::json_body::BadBody,
        openapi::{Document, endpoint_url, event_type, event_types, object, object_id, optional},
    },
    domain::{Permission, WebhookLimits},
    validation::headers,
};

const DESCRIPTION: &str = "\
Webhooks of a project, with headers of their own, signed as Standard Webhooks. Needs a token with `webhooks:list`, \
`webhooks:read` or `webhooks:write`, whose organization the path names. Both slash forms of a path are served; HEAD is GET \
without a body; another method is a 405 with `Allow`. Unknown keys of a body are ignored. For a \
token without `webhooks:read`, header values, secrets, and a URL that the request did not set, are `***`.";

const LIST: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks";
const WEBHOOK: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

/// Builds the OpenAPI document of Akinon's API.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("akinon", "Akinon App Maker webhooks", DESCRIPTION, error);
    api.security("bearer", json!({"type": "http", "scheme": "bearer"}));
    api.security("accessToken", json!({"type": "apiKey", "in": "header", "name": "x-access-token"}));
    api.any_fails([
        AkinonFailure::Unauthenticated,
        AkinonFailure::NotFound,
        AkinonFailure::Internal,
        AkinonFailure::Unavailable,
    ]);
    api.bodies_fail([
        AkinonFailure::Body(400, "the request body is not valid JSON: expected value at line 1 column 1".to_owned()),
        AkinonFailure::NotAnObject,
        AkinonFailure::Validation(vec![FieldError { field: "url", message: "url must be https".to_owned() }]),
        BadBody::TooLarge.into(),
        BadBody::UnsupportedMediaType(String::new()).into(),
    ]);
    api.segment("organizationId", "The organization's id.", object_id());
    api.segment("projectId", "The project's id.", object_id());
    api.segment("webhookId", "The webhook's id.", object_id());
    operations(&mut api);
    api.finish()
}

fn error(generator: &mut SchemaGenerator, _: u16) -> Value {
    generator.subschema_for::<ErrorBody>().to_value()
}

/// The schema of a webhook's fields. All are optional in a change.
fn fields(new: bool) -> Value {
    let headers = json!({
        "type": "object",
        "description": format!("Headers of each delivery, at most {} KB in all.", headers::MOST_BYTES / 1024),
        "maxProperties": headers::MOST,
        "propertyNames": {"pattern": headers::NAME_PATTERN},
        "additionalProperties": {"type": "string", "pattern": headers::VALUE_PATTERN},
    });
    let members = [
        ("name", new, json!({"type": "string", "maxLength": LONGEST_NAME, "pattern": "\\S"})),
        ("url", new, endpoint_url()),
        optional("headers", headers),
        optional("active", json!({"type": "boolean", "description": "A new webhook is active by default."})),
        ("events", new, event_types(0, &event_type())),
    ];
    let description = if new { "The webhook to create." } else { "The fields to replace; the others are kept." };
    object(description, members)
}

fn operations(api: &mut Document) {
    api.group("Webhooks", "Webhooks of a project, and the headers and events that they are sent with.");
    api.operation("GET", LIST, "listWebhooks", "List webhooks", |op| {
        op.describe("All webhooks of the project, oldest first. Needs `webhooks:list`.");
        op.fails([AkinonFailure::Forbidden(Permission::WebhooksList)]);
        op.reply::<Vec<WebhookBody<'_>>>(200, "The project's webhooks.");
    });
    api.operation("POST", LIST, "createWebhook", "Create a webhook", |op| {
        op.describe(
            "Creates a webhook in the project. Needs `webhooks:write`. The reply shows the signing secret, once.",
        );
        op.body("NewWebhook", fields(true));
        op.leads_to("webhookId", "/_id", ["retrieveWebhook", "updateWebhook", "deleteWebhook"]);
        op.fails([AkinonFailure::Forbidden(Permission::WebhooksWrite), AkinonFailure::TooMany(WebhookLimits::DEFAULT)]);
        op.reply::<CreatedBody<'_>>(201, "The new webhook with its signing secret, which is not shown again.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "Retrieve a webhook", |op| {
        op.describe("One webhook of the project. Needs `webhooks:read`.");
        op.fails([AkinonFailure::Forbidden(Permission::WebhooksRead)]);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
    api.operation("PATCH", WEBHOOK, "updateWebhook", "Update a webhook", |op| {
        op.describe(
            "Replaces each given field completely and keeps the others. `active: true` also resumes delivery that the system \
             stopped. Needs `webhooks:write`.",
        );
        op.body("WebhookChanges", fields(false));
        op.fails([AkinonFailure::Forbidden(Permission::WebhooksWrite)]);
        op.reply::<WebhookBody<'_>>(200, "The updated webhook.");
    });
    api.operation("DELETE", WEBHOOK, "deleteWebhook", "Delete a webhook", |op| {
        op.describe("Deletes a webhook and the events that are queued for it. Needs `webhooks:write`.");
        op.fails([AkinonFailure::Forbidden(Permission::WebhooksWrite)]);
        op.no_content("The webhook is deleted.");
    });
}
