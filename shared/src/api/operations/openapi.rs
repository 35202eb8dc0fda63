//! The OpenAPI document of this API.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{
    DEFAULT_LIMIT, DeliveryBody, DeliveryDetailBody, EventBody, EventDetailBody, ListBody, MOST_LIMIT,
    OperationsFailure, PortalBody, ResendBody, RotationBody, State, SummaryBody, TargetBody, TestBody, WebhookBody,
    WebhookDetailBody,
    failure::ProblemBody,
    notification::LONGEST_NAME,
    portal::{LONGEST_SESSION_S, LONGEST_USER},
};
use crate::{
    api::openapi::{Document, Operation, also, endpoint_url, moment, object, refusable, required, ulid},
    domain::{Api, DeliveryState, Endpoint, NotSigned, OperationalEvent, Permission, TargetKind, WebhookLimits},
};

const DESCRIPTION: &str = "\
The webhooks of all APIs of an organization: what is delivered and what is not, and why; tests, resends and new secrets; and where \
operational events go. It is Outhook's own API. Both slash forms of a path are served; HEAD is GET without a body; another method is a \
405 with `Allow`. Unknown parameters and members are refused. Errors are problems of RFC 9457. No reply holds a secret, except the \
signing secret in the reply to the request that makes it.";

const WEBHOOK: &str = "/operations/webhooks/{webhook_id}";
const DELIVERY: &str = "/operations/webhooks/{webhook_id}/deliveries/{event_id}";
const TARGET: &str = "/operations/notifications/{target_id}";

/// Builds the OpenAPI document of the operations API.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("operations", "Operations", DESCRIPTION, error);
    api.failures_are("application/problem+json");
    api.security("bearer", json!({"type": "http", "scheme": "bearer"}));
    let token = OperationsFailure::NotAuthenticated("The bearer token is not valid.");
    api.any_fails([token, OperationsFailure::Internal, OperationsFailure::Unavailable]);
    api.bodies_fail([
        OperationsFailure::field("limit", "is not a known member"),
        OperationsFailure::Malformed("expected value at line 1 column 1".to_owned()),
        OperationsFailure::TooLarge,
        OperationsFailure::UnsupportedMediaType,
    ]);
    let id = json!({"type": "string", "pattern": "^[a-z]+:[A-Za-z0-9-]+$", "examples": ["sdelements:1"]});
    api.segment("webhook_id", "The webhook: `<api>:<its id there>`.", id);
    api.segment("event_id", "The event.", ulid());
    api.segment("target_id", "The notification target.", ulid());
    webhooks(&mut api);
    deliveries(&mut api);
    events(&mut api);
    overview(&mut api);
    notifications(&mut api);
    api.finish()
}

fn error(generator: &mut SchemaGenerator, _: u16) -> Value {
    generator.subschema_for::<ProblemBody>().to_value()
}

fn reads(op: &mut Operation<'_>) {
    op.fails([OperationsFailure::PermissionDenied(Permission::OperationsRead)]);
}

fn writes(op: &mut Operation<'_>) {
    op.fails([OperationsFailure::PermissionDenied(Permission::OperationsWrite)]);
}

fn missing(op: &mut Operation<'_>) {
    op.fails([OperationsFailure::NotFound]);
}

/// A parameter that counts as absent if it is empty.
fn or_blank(schema: Value) -> Value {
    also(schema, [json!({"type": "string", "maxLength": 0})])
}

/// An object without other members.
fn only(mut schema: Value) -> Value {
    schema["additionalProperties"] = json!(false);
    schema
}

/// The parameters of every list.
fn page(op: &mut Operation<'_>) {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": DEFAULT_LIMIT});
    op.query("limit", "The most items on a page.", or_blank(limit));
    op.query("cursor", "The `next` of the page before, with the same filters.", or_blank(json!({"type": "string"})));
    op.fails([OperationsFailure::field("cursor", "must be one that this list has given, with the same filters")]);
}

/// The parameters for a span of time.
fn span(op: &mut Operation<'_>) {
    op.query("after", "Only events accepted from this moment on.", or_blank(moment()));
    op.query("before", "Only events accepted before this moment.", or_blank(moment()));
}

fn words<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Value {
    json!({"type": "string", "enum": all.iter().copied().map(name).collect::<Vec<_>>()})
}

fn webhooks(api: &mut Document) {
    api.group("Webhooks", "Webhooks of all APIs, with their states.");
    api.operation("GET", "/operations/webhooks", "listWebhooks", "List webhooks", |op| {
        op.describe("The webhooks of all APIs and the notification targets, in the order of their ids.");
        op.query("api", "Only webhooks of this API.", or_blank(words(Api::ALL, Api::as_str)));
        op.query("state", "Only webhooks in this state.", or_blank(words(State::ALL, State::as_str)));
        op.query("project", "Only webhooks of this project.", or_blank(json!({"type": "string"})));
        op.query(
            "q",
            "Only webhooks with this text in name or endpoint, in any case.",
            or_blank(json!({"type": "string"})),
        );
        page(op);
        reads(op);
        op.reply::<ListBody<WebhookBody>>(200, "A page of webhooks.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "Retrieve a webhook", |op| {
        op.describe("One webhook, with how many events wait for it.");
        reads(op);
        missing(op);
        op.reply::<WebhookDetailBody>(200, "The webhook.");
    });
    for (verb, summary, description) in [
        (
            "pause",
            "Pause a webhook",
            "Stops delivery. Events are kept, and sent in order when the webhook is unpaused.",
        ),
        ("unpause", "Unpause a webhook", "Resumes delivery after a pause. A suspension stays."),
        ("unsuspend", "Unsuspend a webhook", "Resumes delivery that the system stopped after failures."),
    ] {
        api.operation("POST", &format!("{WEBHOOK}/{verb}"), &format!("{verb}Webhook"), summary, |op| {
            op.describe(description);
            writes(op);
            missing(op);
            if verb == "unpause" {
                op.fails([OperationsFailure::TooSoon(10)]);
            }
            op.reply::<WebhookBody>(200, "The webhook.");
        });
    }
    api.operation("POST", &format!("{WEBHOOK}/rotate-secret"), "rotateSecret", "Replace the signing secret", |op| {
        op.describe(
            "Makes a new signing secret. Messages are also signed with the old one until the overlap ends by itself.",
        );
        let hours = json!({"type": "integer", "minimum": 0, "maximum": Endpoint::MAX_OVERLAP_HOURS,
            "description": format!("{} unless given.", Endpoint::OVERLAP_HOURS)});
        op.body(
            "RotateSecretRequest",
            only(object("For how long both secrets sign.", [refusable("overlap_hours", hours)])),
        );
        writes(op);
        missing(op);
        op.fails([OperationsFailure::from(NotSigned)]);
        op.reply::<RotationBody>(200, "The new secret.");
    });
    api.operation("POST", &format!("{WEBHOOK}/test"), "testWebhook", "Send a test", |op| {
        op.describe("Sends a test event at once, whatever the webhook's state, and shows what came of it.");
        writes(op);
        missing(op);
        op.fails([OperationsFailure::TooSoon(5)]);
        op.reply::<TestBody>(200, "What was sent, and the attempt.");
    });
}

fn deliveries(api: &mut Document) {
    api.group("Deliveries", "What was sent to a webhook, and what came of it.");
    let list = format!("{WEBHOOK}/deliveries");
    api.operation("GET", &list, "listDeliveries", "List deliveries", |op| {
        op.describe("The deliveries to the webhook, newest event first. With filters, a page may be short although more follow.");
        op.query("state", "Only deliveries in this state.", or_blank(words(DeliveryState::ALL, DeliveryState::as_str)));
        op.query("type", "Only deliveries of events of exactly this type.", or_blank(json!({"type": "string"})));
        let status = json!({"type": "integer", "minimum": 100, "maximum": 599});
        op.query("status", "Only deliveries whose last reply had this status.", or_blank(status));
        op.query("project", "Only deliveries of events of this project.", or_blank(json!({"type": "string"})));
        span(op);
        page(op);
        reads(op);
        missing(op);
        op.reply::<ListBody<DeliveryBody>>(200, "A page of deliveries.");
    });
    api.operation("GET", DELIVERY, "retrieveDelivery", "Retrieve a delivery", |op| {
        op.describe("One delivery, with its attempts, its event and what is sent, without secrets.");
        reads(op);
        missing(op);
        op.reply::<DeliveryDetailBody<'_>>(200, "The delivery.");
    });
    api.operation("DELETE", DELIVERY, "deleteDelivery", "Delete a diverted delivery", |op| {
        op.describe("Discards a diverted delivery for good.");
        writes(op);
        missing(op);
        op.fails([OperationsFailure::Conflict("Only a diverted delivery can be deleted.".to_owned())]);
        op.no_content("The delivery is deleted.");
    });
    api.operation("POST", &format!("{DELIVERY}/resend"), "resendDelivery", "Resend a delivery", |op| {
        op.describe("Queues a finished delivery again. It is sent in the background.");
        writes(op);
        missing(op);
        op.reply::<DeliveryBody>(202, "The delivery, which waits again.");
    });
    api.operation("POST", &format!("{WEBHOOK}/resend"), "resendDeliveries", "Resend the deliveries of a span", |op| {
        op.describe(
            "Queues all deliveries again that finished in a state and whose events were accepted in a span of time.",
        );
        let finished = [DeliveryState::Delivered, DeliveryState::Diverted, DeliveryState::Discarded];
        let members = [
            required("state", words(&finished, DeliveryState::as_str)),
            refusable("after", moment()),
            refusable("before", moment()),
            refusable("dry_run", json!({"type": "boolean", "description": "Whether to count only."})),
        ];
        op.body("ResendRequest", only(object("What to resend.", members)));
        writes(op);
        missing(op);
        op.fails([OperationsFailure::Conflict("Another resend of this webhook is not finished yet.".to_owned())]);
        op.reply::<ResendBody>(202, "How many deliveries match.");
    });
}

fn events(api: &mut Document) {
    api.group("Events", "Events of the organization, and where each went.");
    api.operation("GET", "/operations/events", "listEvents", "List events", |op| {
        op.describe("The organization's events, newest first. A page may be short although more follow.");
        op.query("type", "Only events of exactly this type.", or_blank(json!({"type": "string"})));
        op.query("project", "Only events of this project.", or_blank(json!({"type": "string"})));
        span(op);
        page(op);
        reads(op);
        op.reply::<ListBody<EventBody>>(200, "A page of events.");
    });
    api.operation("GET", "/operations/events/{event_id}", "retrieveEvent", "Retrieve an event", |op| {
        op.describe(
            "One event: the webhooks for which it was queued, what became of it there, and why it went nowhere else.",
        );
        reads(op);
        missing(op);
        op.reply::<EventDetailBody<'_>>(200, "The event.");
    });
}

fn overview(api: &mut Document) {
    api.group("Overview", "How everything is doing, and the way into the console.");
    api.operation("GET", "/operations/summary", "retrieveSummary", "Sum up", |op| {
        op.describe("How many webhooks are in each state, what is in trouble, and the last 24 hours.");
        reads(op);
        op.reply::<SummaryBody>(200, "The summary.");
    });
    api.operation("POST", "/operations/portal", "createPortal", "Make a link into the console", |op| {
        op.describe("Makes a link that enters the console once, within 5 minutes, as the user that is named.");
        let permissions = json!({"type": "array", "minItems": 1, "items": words(Permission::ALL, Permission::as_str)});
        let session = json!({"type": "integer", "minimum": 60, "maximum": LONGEST_SESSION_S});
        let user = json!({"type": "string", "pattern": format!("^[!-~]{{1,{LONGEST_USER}}}$"), "examples": ["ann"]});
        let members = [required("user", user), refusable("permissions", permissions), refusable("expires_in", session)];
        op.body("PortalRequest", only(object("Who enters, with which permissions, for how many seconds.", members)));
        writes(op);
        op.reply::<PortalBody>(201, "The link.");
    });
}

fn notifications(api: &mut Document) {
    api.group("Notifications", "Notification targets: where operational events go.");
    let kinds = [TargetKind::Slack, TargetKind::Webhook];
    // Not only white space, and no control characters.
    let form = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
    let name = || json!({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": form});
    let types = || {
        let one = words(OperationalEvent::ALL, OperationalEvent::as_str);
        json!({"type": "array", "items": one, "description": "Which operational events; without any, all."})
    };
    let active = || json!({"type": "boolean", "description": "True unless given."});
    let new = [
        required("kind", words(&kinds, TargetKind::as_str)),
        required("name", name()),
        required("url", endpoint_url()),
        refusable("event_types", types()),
        refusable("active", active()),
    ];
    let new = only(object("A notification target. A `slack` target needs a Slack URL.", new));
    let changes = [
        refusable("name", name()),
        refusable("url", endpoint_url()),
        refusable("event_types", types()),
        refusable("active", json!({"type": "boolean"})),
    ];
    let changes = only(object("What to change.", changes));
    api.operation("GET", "/operations/notifications", "listNotifications", "List notification targets", |op| {
        op.describe("The organization's notification targets, oldest first.");
        page(op);
        reads(op);
        op.reply::<ListBody<TargetBody>>(200, "A page of targets.");
    });
    api.operation("POST", "/operations/notifications", "createNotification", "Create a notification target", |op| {
        op.describe("Creates a target. It is a webhook of the API `operations`, with everything that webhooks have.");
        op.body("CreateNotificationRequest", new);
        op.leads_to("target_id", "/id", ["retrieveNotification", "updateNotification", "deleteNotification"]);
        writes(op);
        op.fails([OperationsFailure::too_many(WebhookLimits::DEFAULT)]);
        op.reply::<TargetBody>(201, "The target.");
    });
    api.operation("GET", TARGET, "retrieveNotification", "Retrieve a notification target", |op| {
        op.describe("One notification target.");
        reads(op);
        missing(op);
        op.reply::<TargetBody>(200, "The target.");
    });
    api.operation("PATCH", TARGET, "updateNotification", "Update a notification target", |op| {
        op.describe("Changes the given members and keeps the others. The kind cannot change.");
        op.body("UpdateNotificationRequest", changes);
        writes(op);
        missing(op);
        op.reply::<TargetBody>(200, "The target.");
    });
    api.operation("DELETE", TARGET, "deleteNotification", "Delete a notification target", |op| {
        op.describe("Deletes a target and the events that wait for it.");
        writes(op);
        missing(op);
        op.no_content("The target is deleted.");
    });
}
