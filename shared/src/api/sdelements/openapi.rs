//! The OpenAPI document of this API. Paths have a trailing slash, as in SD Elements' documents; both forms are served.
//! The schemas of requests are in [`request_schemas`].

mod log;
mod parts;
mod request_schemas;
mod webhooks;

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use parts::id;
pub(in crate::api) use parts::publishing;

use super::{SdElementsFailure, failure::DetailBody};
use crate::{
    api::openapi::{Document, project, ulid},
    domain::Organization,
};

const DESCRIPTION: &str = "\
Slack webhooks of an organization and the events that they receive, as Django REST Framework serves them. Needs a super \
user's token (publishing takes `events:write` too) and the feature flag `Webhooks`. Both slash forms of a path are served; HEAD is GET \
without a body; OPTIONS answers metadata; another method is a 405 with `Allow`. An id of another form than the documented one is a \
404. Keys of a body that are unknown or read-only are ignored. Strings of a body may be sent as numbers, and booleans as their words and \
numbers (`x-also-accepts`).";

/// The schema of a 400's body.
const VALIDATION: &str = "ValidationErrors";

/// Builds the OpenAPI document of SD Elements' API.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("sdelements", "SD Elements webhooks, API v2", DESCRIPTION, error_by_item);
    tokens(&mut api);
    api.any_fails([SdElementsFailure::PermissionDenied, SdElementsFailure::FlagOff(Organization::WEBHOOKS_FLAG)]);
    api.segment("webhook_id", "The webhook's id.", id());
    api.segment("id", "The event configuration's id.", id());
    api.segment("delivery_id", "The id of the event that is delivered.", ulid());
    api.segment("project_id", "The project's id: an integer, or any string from another producer.", project());
    webhooks::describe(&mut api);
    log::describe(&mut api);
    api.finish()
}

/// Adds the security schemes for tokens, and the failures of every operation that needs a token. Also used for `POST
/// /events`.
pub(in crate::api) fn tokens(api: &mut Document) {
    let scheme = |text: &str| json!({"type": "apiKey", "in": "header", "name": "Authorization", "description": format!("`{text} <key>`")});
    api.security("token", scheme("Token"));
    api.security("bearer", json!({"type": "http", "scheme": "bearer"}));
    api.any_fails([
        SdElementsFailure::NotAuthenticated,
        SdElementsFailure::InvalidToken("Invalid token."),
        SdElementsFailure::NotAcceptable,
        SdElementsFailure::Internal,
        SdElementsFailure::Unavailable,
    ]);
    api.bodies_fail([
        SdElementsFailure::field("non_field_errors", "Invalid data. Expected a dictionary, but got list."),
        SdElementsFailure::Parse("Expecting value: line 1 column 1 (char 0)".to_owned()),
        SdElementsFailure::TooLarge,
        SdElementsFailure::UnsupportedMediaType("text/plain".to_owned()),
    ]);
}

/// Returns the schema of an error with this status.
pub(in crate::api) fn error(generator: &mut SchemaGenerator, status: u16) -> Value {
    let detail = generator.subschema_for::<DetailBody<'_>>().to_value();
    if status != 400 {
        return detail;
    }
    let errors = json!({
        "type": "object",
        "description": "What is wrong with each field; `non_field_errors` has what concerns several.",
        "properties": {"detail": {"type": "string", "description": "What is wrong with the request as a whole."}},
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    });
    generator.definitions_mut().insert(VALIDATION.to_owned(), errors);
    json!({"$ref": format!("#/components/schemas/{VALIDATION}")})
}

/// Returns the schema of an error of this API. In lists of ids, faults are shown by item.
fn error_by_item(generator: &mut SchemaGenerator, status: u16) -> Value {
    let schema = error(generator, status);
    if let Some(errors) = generator.definitions_mut().get_mut(VALIDATION) {
        let messages = json!({"type": "array", "items": {"type": "string"}});
        let by_item =
            json!({"type": "object", "description": "By the index of the item.", "additionalProperties": messages});
        errors["properties"]["projects"] =
            json!({"oneOf": [messages, by_item], "description": "What is wrong with the list or with its items."});
    }
    schema
}
