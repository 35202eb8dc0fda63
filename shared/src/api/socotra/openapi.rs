//! The OpenAPI document of this API: its operations and replies. The schemas of requests are in [`request_schemas`].

mod request_schemas;

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{
    DivertedBody, EventListBody, SocotraFailure, WebhookBody, WebhookList,
    events::{DEFAULT_SIZE, MOST_SIZE},
    failure::ErrorBody,
    parameters::{DEFAULT_COUNT, MOST_COUNT, MOST_OFFSET},
};
use crate::{
    api::openapi::{Document, Operation, also, moment, ulid},
    delivery::envelope::SocotraEvent,
    domain::{Permission, WebhookLimits},
};

const DESCRIPTION: &str = "\
Webhooks of a tenant with their failure handling, events that were diverted, and events. The tenant is that of the token. Both \
slash forms of a path are served; HEAD is GET without a body; another method is a 405 with `Allow`. Unknown members of a body \
are ignored, and `null` counts as absent (`x-also-accepts`). A `secret` is shown only in the reply to the request that sets it, otherwise \
as `***`; so are, for a token without `webhooks:read`, header values and a `url` that the request did not set.";

const WEBHOOK: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}";
const DIVERTED: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted";
const DIVERTED_EVENT: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}";

/// Builds the OpenAPI document of Socotra's APIs.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("socotra", "Socotra webhooks and events", DESCRIPTION, error);
    api.security("bearer", json!({"type": "http", "scheme": "bearer"}));
    let token = SocotraFailure::NotAuthenticated("The bearer token is not valid.");
    api.any_fails([token, SocotraFailure::NotFound, SocotraFailure::Internal, SocotraFailure::Unavailable]);
    api.bodies_fail([
        SocotraFailure::field("endpoint.url", "must begin with https://"),
        SocotraFailure::Malformed("expected value at line 1 column 1".to_owned()),
        SocotraFailure::TooLarge,
        SocotraFailure::UnsupportedMediaType,
    ]);
    api.segment("tenantLocator", "The tenant.", json!({"type": "string", "format": "uuid"}));
    api.segment("webhookLocator", "The webhook.", ulid());
    api.segment("eventLocator", "The event.", ulid());
    let request = "The request, as the producer of its events spelled it. Any value is valid; for one that caused nothing the list is empty.";
    api.segment("requestLocator", request, json!({"type": "string", "minLength": 1}));
    webhooks(&mut api);
    diverted(&mut api);
    events(&mut api);
    api.finish()
}

fn error(generator: &mut SchemaGenerator, _: u16) -> Value {
    generator.subschema_for::<ErrorBody>().to_value()
}

fn needs(op: &mut Operation<'_>, permission: Permission) {
    op.fails([SocotraFailure::PermissionDenied(permission)]);
}

fn window(op: &mut Operation<'_>) {
    let offset = json!({"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0});
    let count = json!({"type": "integer", "minimum": 0, "maximum": MOST_COUNT, "default": DEFAULT_COUNT});
    op.query("offset", "How many to skip.", offset);
    op.query("count", "The most items to return.", count);
    op.fails([SocotraFailure::field("count", format!("must be a whole number from 0 to {MOST_COUNT}"))]);
}

fn webhooks(api: &mut Document) {
    api.group("Webhooks", "Webhooks of the tenant and how their failures are handled.");
    let (new, changes) = (request_schemas::new_webhook(api), request_schemas::changes(api));
    api.operation("POST", "/event/{tenantLocator}/webhooks", "createWebhook", "Create a webhook", |op| {
        op.describe("Creates a webhook of the tenant. Without `failureHandling`, failures are ignored.");
        op.body("CreateWebhookRequest", new);
        let next = ["retrieveWebhook", "updateWebhook", "deleteWebhook", "unsuspendWebhook", "listDivertedEvents"];
        op.leads_to("webhookLocator", "/locator", next);
        needs(op, Permission::WebhooksWrite);
        op.fails([SocotraFailure::TooMany(WebhookLimits::DEFAULT)]);
        op.reply::<WebhookBody<'_>>(200, "The new webhook.");
    });
    let list = "/event/{tenantLocator}/webhooks/list";
    api.operation("GET", list, "listWebhooks", "List webhooks", |op| {
        op.describe("The tenant's webhooks, oldest first. All given filters must match.");
        window(op);
        let switch = || json!({"type": "boolean"});
        let extended = "Whether the reply is an object that says if more webhooks follow, instead of an array.";
        op.query("extended", extended, switch());
        op.query("name", "Only webhooks of exactly that name.", json!({"type": "string"}));
        op.query("enabled", "Only webhooks that their owner has enabled, or only the others.", switch());
        op.query("suspended", "Only webhooks that the system has suspended, or only the others.", switch());
        op.query("active", "Only webhooks that are enabled and not suspended, or only the others.", switch());
        op.query(
            "eventTypes",
            "Only webhooks that want any of these types.",
            json!({"type": "array", "items": {"type": "string"}}),
        );
        needs(op, Permission::WebhooksList);
        op.reply::<WebhookList<'_>>(200, "The webhooks; with `extended` an object.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "Retrieve a webhook", |op| {
        op.describe("One webhook of the tenant.");
        needs(op, Permission::WebhooksRead);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
    api.operation("PATCH", WEBHOOK, "updateWebhook", "Update a webhook", |op| {
        op.describe(
            "Changes the given members and keeps the others. At each level, removals are applied before additions.",
        );
        op.body("UpdateWebhookRequest", changes);
        needs(op, Permission::WebhooksWrite);
        op.reply::<WebhookBody<'_>>(200, "The updated webhook.");
    });
    api.operation("DELETE", WEBHOOK, "deleteWebhook", "Delete a webhook", |op| {
        op.describe("Deletes a webhook and the events that are queued for it.");
        needs(op, Permission::WebhooksWrite);
        op.no_content("The webhook is deleted.");
    });
    api.operation("PATCH", &format!("{WEBHOOK}/unsuspend"), "unsuspendWebhook", "Unsuspend a webhook", |op| {
        op.describe(
            "Resumes delivery that the system stopped after failures. Events that were kept are sent in order.",
        );
        needs(op, Permission::WebhooksWrite);
        op.no_content("The webhook is not suspended.");
    });
}

fn diverted(api: &mut Document) {
    api.group("Diverted events", "Events that a webhook could not deliver and that are kept aside.");
    api.operation("GET", DIVERTED, "listDivertedEvents", "List diverted events", |op| {
        op.describe("The events that are kept aside for the webhook, oldest event first.");
        window(op);
        needs(op, Permission::DivertedEventsList);
        op.reply::<Vec<DivertedBody<'_>>>(200, "The diverted events.");
    });
    api.operation("GET", DIVERTED_EVENT, "retrieveDivertedEvent", "Retrieve a diverted event", |op| {
        op.describe("One diverted event, with the failure that diverted it.");
        needs(op, Permission::DivertedEventsRead);
        op.reply::<DivertedBody<'_>>(200, "The diverted event.");
    });
    api.operation("DELETE", DIVERTED_EVENT, "deleteDivertedEvent", "Delete a diverted event", |op| {
        op.describe(
            "Discards a diverted event for good. Without `diverted-events:read`, its `failureMessage` is `***`.",
        );
        needs(op, Permission::DivertedEventsDelete);
        op.reply::<DivertedBody<'_>>(200, "The deleted event.");
    });
    let path = format!("{DIVERTED_EVENT}/resend");
    api.operation("POST", &path, "resendDivertedEvent", "Resend a diverted event", |op| {
        op.describe("Queues a diverted event again. It is sent in the background, and diverted again if that fails.");
        needs(op, Permission::DivertedEventsResend);
        op.reply::<DivertedBody<'_>>(200, "The event, which is queued again.");
    });
}

fn events(api: &mut Document) {
    api.group("Events", "Events of the tenant, whichever webhooks received them.");
    api.operation("GET", "/event/{tenantLocator}/events/list", "listEvents", "List events", |op| {
        op.describe("The tenant's events that were accepted in a span of time, oldest first.");
        // The schema has no default, because clients would send it, and it is refused beside `pagingToken`.
        let size = json!({"type": "integer", "minimum": 1, "maximum": MOST_SIZE});
        // An empty parameter counts as absent.
        let bound = || also(moment(), [json!({"type": "string", "maxLength": 0})]);
        op.query("startTimestamp", "Only events accepted from this moment on; from the oldest by default.", bound());
        op.query("endTimestamp", "Only events accepted before this moment; now by default.", bound());
        op.query("type", "Only events of exactly that type.", json!({"type": "string"}));
        op.query("pageSize", &format!("How many at most; {DEFAULT_SIZE} by default."), size);
        op.query("pagingToken", "From the previous page, instead of all other parameters.", json!({"type": "string"}));
        op.fails([SocotraFailure::field("pagingToken", "must be one that this list has given")]);
        needs(op, Permission::EventsRead);
        op.reply::<EventListBody>(200, "A page of events; the last one has no token.");
    });
    let path = "/event/{tenantLocator}/events/{eventLocator}";
    api.operation("GET", path, "retrieveEvent", "Retrieve an event", |op| {
        op.describe("One event of the tenant, in the form in which webhooks receive it.");
        needs(op, Permission::EventsRead);
        op.reply::<SocotraEvent<'_>>(200, "The event.");
    });
    let path = "/event/{tenantLocator}/events/request/{requestLocator}";
    api.operation("GET", path, "listRequestEvents", "List the events of a request", |op| {
        op.describe("The events that a request caused, oldest first.");
        needs(op, Permission::EventsRead);
        op.reply::<Vec<SocotraEvent<'_>>>(200, "The events; the list may be empty.");
    });
}
