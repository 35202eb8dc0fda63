//! The OpenAPI document of this API. Paths are in the documented form, with a trailing slash; both are served. What
//! is taken is in [`request_schemas`].

mod request_schemas;

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{
    ActivityBody, AttemptBody, ConfigurationBody, ConfigurationsBody, CursorPage, DeliveryBody, DeliveryDetailBody,
    Page, ResendBody, SdElementsFailure, StateBody, StatusBody, WebhookBody, date_time, duplicate_configuration,
    failure::DetailBody, pagination,
};
use crate::{
    api::openapi::{Document, Operation, moment, project, ulid},
    domain::{DeliveryState, Organization, WebhookLimits},
};

const DESCRIPTION: &str = "\
Slack webhooks of an organization and the events that they are to hear of, as Django REST Framework serves them. Needs a super \
user's token (publishing takes `events:write` too) and the feature flag `Webhooks`. Both slash forms of a path are served; HEAD is GET without a body; OPTIONS \
answers metadata; another method is a 405 with `Allow`. Ids that are none are a 404. Keys of a body that are unknown or \
read-only are ignored.";

const WEBHOOK: &str = "/api/v2/webhooks/{webhook_id}/";
const CONFIGURATIONS: &str = "/api/v2/webhooks/{webhook_id}/configs/";
const CONFIGURATION: &str = "/api/v2/webhooks/{webhook_id}/configs/{id}/";
const DELIVERY: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/";
const ACTIVITIES: &str = "/api/v2/projects/{project_id}/activities/";

/// The document.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("SD Elements webhooks, API v2", DESCRIPTION, error);
    tokens(&mut api);
    api.any_fails([SdElementsFailure::PermissionDenied, SdElementsFailure::FlagOff(Organization::WEBHOOKS_FLAG)]);
    api.segment("webhook_id", "The webhook's id.", id());
    api.segment("id", "The event configuration's id.", id());
    api.segment("delivery_id", "The id of the event that is delivered.", ulid());
    api.segment("project_id", "The project's id: an integer, or any string from another producer.", project());
    webhooks(&mut api);
    configurations(&mut api);
    states(&mut api);
    log(&mut api);
    activities(&mut api);
    api.finish()
}

/// Tokens and what every operation that takes them may fail with: also `POST /events`.
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

/// The schema of errors.
pub(in crate::api) fn error(generator: &mut SchemaGenerator, status: u16) -> Value {
    let detail = generator.subschema_for::<DetailBody<'_>>().to_value();
    if status != 400 {
        return detail;
    }
    let mut fields = generator.subschema_for::<BTreeMap<String, Vec<String>>>().to_value();
    fields["description"] = json!("What is wrong with each field; `non_field_errors` with the whole.");
    json!({"anyOf": [fields, detail]})
}

/// `Idempotency-Key`, which both ways of publishing take, and what a publication may fail with. (The count of hops is no parameter
/// of a client's: whoever passes a delivery on passes its header on.)
pub(in crate::api) fn publishing(op: &mut Operation<'_>) {
    let description = "For 24 hours, a repeat with the same key gets the first answer and publishes nothing.";
    op.header("Idempotency-Key", description, json!({"type": "string", "minLength": 1, "maxLength": 255}));
    op.fails([SdElementsFailure::IdempotencyMismatch, SdElementsFailure::Loop]);
}

/// Ids are positive integers of 63 bits.
fn id() -> Value {
    json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX})
}

fn page_parameters(op: &mut Operation<'_>) {
    let page = json!({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "const": "last"}], "default": 1});
    op.query("page", "A page that does not exist is a 404.", page);
    page_size(op);
    op.fails([SdElementsFailure::InvalidPage]);
}

fn page_size(op: &mut Operation<'_>) {
    let (most, default) = (pagination::MOST, pagination::DEFAULT_SIZE);
    let description = format!("A positive integer; more than {most} is {most}, and anything else is {default}.");
    op.query("page_size", &description, json!({"type": ["integer", "string"], "default": default}));
}

fn cursor_parameters(op: &mut Operation<'_>) {
    op.query("cursor", "From `next` or `previous`; any other is a 404.", json!({"type": "string"}));
    page_size(op);
    op.fails([SdElementsFailure::InvalidCursor]);
}

fn webhooks(api: &mut Document) {
    let list = "/api/v2/webhooks/";
    api.operation("GET", list, "listWebhooks", "A page of the organization's webhooks, by id.", |op| {
        page_parameters(op);
        op.reply::<Page<WebhookBody<'_>>>(200, "A page.");
    });
    let (new, changes) = (request_schemas::webhook(api, true), request_schemas::webhook(api, false));
    api.operation("POST", list, "createWebhook", "Makes a webhook.", |op| {
        op.body("NewWebhook", new);
        op.leads_to("webhook_id", "/id", ["retrieveWebhook", "updateWebhook", "deleteWebhook", "listConfigurations"]);
        op.leads_to("webhook_id", "/id", ["createConfiguration", "pauseWebhook", "unpauseWebhook", "unsuspendWebhook"]);
        op.leads_to("webhook_id", "/id", ["retrieveStatus", "testWebhook", "listDeliveries", "resendDeliveries"]);
        let too_many = SdElementsFailure::too_many_webhooks(WebhookLimits::DEFAULT);
        op.fails([SdElementsFailure::field("name", "This field is required."), too_many]);
        op.reply::<WebhookBody<'_>>(201, "The webhook.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "One webhook.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
    api.operation("PATCH", WEBHOOK, "updateWebhook", "Changes what is given.", |op| {
        op.body("WebhookChanges", changes);
        op.fails([SdElementsFailure::field("name", "This field may not be blank."), SdElementsFailure::NotFound]);
        op.reply::<WebhookBody<'_>>(200, "The webhook as it is now.");
    });
    api.operation(
        "DELETE",
        WEBHOOK,
        "deleteWebhook",
        "Deletes a webhook with its configurations and its queue.",
        |op| {
            op.fails([SdElementsFailure::NotFound]);
            op.no_content("It is gone.");
        },
    );
}

fn configurations(api: &mut Document) {
    api.operation("GET", CONFIGURATIONS, "listConfigurations", "A webhook's event configurations, by id.", |op| {
        op.describe("Paginated only if `page_size` is given; otherwise `page` is ignored.");
        op.query("page", "A page that does not exist is a 404.", json!({"type": ["integer", "string"], "default": 1}));
        page_size(op);
        op.fails([SdElementsFailure::InvalidPage]);
        op.fails([SdElementsFailure::NotFound]);
        op.reply_either::<ConfigurationsBody, Page<ConfigurationBody>>(200, "All webhooks, or a page of them.");
    });
    let (new, changes) =
        (request_schemas::event_configuration(api, true), request_schemas::event_configuration(api, false));
    api.operation("POST", CONFIGURATIONS, "createConfiguration", "Subscribes a webhook to an event source.", |op| {
        op.body("NewEventConfiguration", new);
        op.fails([
            SdElementsFailure::field("event_source", "This field is required."),
            duplicate_configuration(),
            SdElementsFailure::NotFound,
        ]);
        op.reply::<ConfigurationBody>(201, "The event configuration.");
    });
    api.operation("GET", CONFIGURATION, "retrieveConfiguration", "One event configuration.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<ConfigurationBody>(200, "The event configuration.");
    });
    api.operation("PATCH", CONFIGURATION, "updateConfiguration", "Changes what is given.", |op| {
        op.body("EventConfigurationChanges", changes);
        op.fails([SdElementsFailure::field("active", "Must be a valid boolean."), SdElementsFailure::NotFound]);
        op.reply::<ConfigurationBody>(200, "The event configuration as it is now.");
    });
    api.operation("DELETE", CONFIGURATION, "deleteConfiguration", "Deletes an event configuration.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.no_content("It is gone.");
    });
}

fn states(api: &mut Document) {
    let at = |name: &str| format!("{WEBHOOK}{name}/");
    api.operation("POST", &at("pause"), "pauseWebhook", "Stops delivery; events are kept.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<StateBody>(200, "The state.");
    });
    api.operation("POST", &at("unpause"), "unpauseWebhook", "Resumes delivery, oldest event first.", |op| {
        op.fails([SdElementsFailure::NotFound, SdElementsFailure::Throttled(10)]);
        op.reply::<StateBody>(200, "The state.");
    });
    api.operation(
        "POST",
        &at("unsuspend"),
        "unsuspendWebhook",
        "Resumes delivery after the system stopped it.",
        |op| {
            op.fails([SdElementsFailure::NotFound]);
            op.reply::<StateBody>(200, "The state.");
        },
    );
    api.operation("GET", &at("status"), "retrieveStatus", "The state, how many events wait, the next attempt.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<StatusBody>(200, "The status.");
    });
    api.operation("POST", &at("test"), "testWebhook", "Sends a message that says it is a test.", |op| {
        op.fails([SdElementsFailure::NotFound, SdElementsFailure::Throttled(5)]);
        op.reply::<AttemptBody>(200, "What the endpoint said.");
    });
}

fn log(api: &mut Document) {
    use DeliveryState::{Delivered, Discarded, Diverted, Pending};
    let span = "RFC 3339, by the time at which the event was accepted.";
    let list = format!("{WEBHOOK}deliveries/");
    api.operation("GET", &list, "listDeliveries", "The delivery log, newest first, with cursor pagination.", |op| {
        cursor_parameters(op);
        op.query("state", "Only these.", json!({"type": "string", "enum": [Pending, Delivered, Diverted, Discarded]}));
        op.query("after", span, moment());
        op.query("before", span, moment());
        op.fails([SdElementsFailure::field("after", date_time::WRONG_FORMAT), SdElementsFailure::NotFound]);
        op.reply::<CursorPage<DeliveryBody>>(200, "A page.");
    });
    api.operation("GET", DELIVERY, "retrieveDelivery", "One delivery with its attempts.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<DeliveryDetailBody>(200, "The delivery.");
    });
    api.operation("DELETE", DELIVERY, "deleteDelivery", "Deletes a diverted delivery.", |op| {
        op.fails([
            SdElementsFailure::NotFound,
            SdElementsFailure::Conflict("Only a diverted delivery can be deleted."),
        ]);
        op.no_content("It is gone.");
    });
    api.operation("POST", &format!("{DELIVERY}resend/"), "resendDelivery", "Resends one delivery.", |op| {
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<DeliveryBody>(202, "The delivery, pending again.");
    });
    api.operation(
        "POST",
        &format!("{WEBHOOK}resend/"),
        "resendDeliveries",
        "Resends the deliveries that finished in a span of time.",
        |op| {
            op.body("ResendRequest", request_schemas::resend_request());
            op.fails([SdElementsFailure::field("state", "This field is required."), SdElementsFailure::NotFound]);
            op.fails([SdElementsFailure::Conflict("Another resend of this webhook is not finished yet.")]);
            op.reply::<ResendBody>(202, "The deliveries are resent in the background.");
        },
    );
}

fn activities(api: &mut Document) {
    api.operation("POST", ACTIVITIES, "publishActivity", "Publishes an activity of a project.", |op| {
        publishing(op);
        op.body("NewActivity", request_schemas::new_activity());
        op.fails([SdElementsFailure::field("name", "This field is required."), SdElementsFailure::NotFound]);
        op.reply::<ActivityBody<'_>>(201, "The activity as it was accepted.");
    });
    api.operation(
        "GET",
        ACTIVITIES,
        "listActivities",
        "A project's activities, newest first, with cursor pagination.",
        |op| {
            cursor_parameters(op);
            op.fails([SdElementsFailure::NotFound]);
            op.reply::<CursorPage<ActivityBody<'_>>>(200, "A page.");
        },
    );
}
