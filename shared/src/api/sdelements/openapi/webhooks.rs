//! The operations on webhooks, on their event configurations, and on their state.

use serde_json::json;

use super::{parts::page_parameters, request_schemas};
use crate::{
    api::{
        common::AttemptBody,
        openapi::{Document, also},
        sdelements::{
            ConfigurationBody, ConfigurationsBody, Page, SdElementsFailure, StateBody, StatusBody, WebhookBody, Wrong,
            duplicate_configuration,
        },
    },
    domain::WebhookLimits,
};

const LIST: &str = "/api/v2/webhooks/";
const WEBHOOK: &str = "/api/v2/webhooks/{webhook_id}/";
const CONFIGURATIONS: &str = "/api/v2/webhooks/{webhook_id}/configs/";
const CONFIGURATION: &str = "/api/v2/webhooks/{webhook_id}/configs/{id}/";

/// Adds the operations on webhooks, on event configurations and on delivery state.
pub(super) fn describe(api: &mut Document) {
    api.group("Webhooks", "Slack webhooks of the organization.");
    webhooks(api);
    api.group("Event configurations", "Which event sources a webhook is subscribed to.");
    configurations(api);
    api.group("Delivery state", "Pausing, resuming, inspecting and testing the delivery to a webhook.");
    states(api);
}

fn webhooks(api: &mut Document) {
    api.operation("GET", LIST, "listWebhooks", "List webhooks", |op| {
        op.describe("The organization's webhooks, ordered by id, in pages.");
        page_parameters(op);
        op.reply::<Page<WebhookBody<'_>>>(200, "A page of webhooks.");
    });
    let (new, changes) = (request_schemas::webhook(true), request_schemas::webhook(false));
    api.operation("POST", LIST, "createWebhook", "Create a webhook", |op| {
        op.describe("A new webhook receives nothing until it has an event configuration.");
        op.body("NewWebhook", new);
        op.leads_to("webhook_id", "/id", ["retrieveWebhook", "updateWebhook", "deleteWebhook", "listConfigurations"]);
        op.leads_to("webhook_id", "/id", ["createConfiguration", "pauseWebhook", "unpauseWebhook", "unsuspendWebhook"]);
        op.leads_to("webhook_id", "/id", ["retrieveStatus", "testWebhook", "listDeliveries", "resendDeliveries"]);
        let too_many = SdElementsFailure::too_many_webhooks(WebhookLimits::DEFAULT);
        op.fails([SdElementsFailure::field("name", "This field is required."), too_many]);
        op.reply::<WebhookBody<'_>>(201, "The new webhook.");
    });
    api.operation("GET", WEBHOOK, "retrieveWebhook", "Retrieve a webhook", |op| {
        op.describe("One webhook of the organization. Its URL, a credential, is shown whole.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<WebhookBody<'_>>(200, "The webhook.");
    });
    api.operation("PATCH", WEBHOOK, "updateWebhook", "Update a webhook", |op| {
        op.describe("Changes the given fields and keeps the others.");
        op.body("WebhookChanges", changes);
        op.fails([SdElementsFailure::field("name", "This field may not be blank."), SdElementsFailure::NotFound]);
        op.reply::<WebhookBody<'_>>(200, "The updated webhook.");
    });
    api.operation("DELETE", WEBHOOK, "deleteWebhook", "Delete a webhook", |op| {
        op.describe("Deletes a webhook, its event configurations, and the events that are queued for it.");
        op.fails([SdElementsFailure::NotFound]);
        op.no_content("The webhook is deleted.");
    });
}

fn configurations(api: &mut Document) {
    api.operation("GET", CONFIGURATIONS, "listConfigurations", "List event configurations", |op| {
        op.describe(
            "The webhook's event configurations, ordered by id: all of them, or a page if `page_size` is given. Without \
             `page_size`, `page` is ignored.",
        );
        // These parameters have no defaults, because clients would send them and get a page.
        let number = || also(json!({"type": "integer"}), [json!({"type": "string"})]);
        op.query("page", "The page, from 1, or `last`. A page that does not exist is a 404.", number());
        op.query("page_size", "How many at most on a page. Without it there are no pages.", number());
        op.fails([SdElementsFailure::InvalidPage]);
        op.fails([SdElementsFailure::NotFound]);
        let description = "Event configurations. The other members are there only if `page_size` is given.";
        op.reply_either::<ConfigurationsBody, Page<ConfigurationBody>>(200, "EventConfigurations", description);
    });
    let (new, changes) =
        (request_schemas::event_configuration(api, true), request_schemas::event_configuration(api, false));
    api.operation("POST", CONFIGURATIONS, "createConfiguration", "Create an event configuration", |op| {
        op.describe(
            "Subscribes a webhook to an event source. A webhook has at most one configuration for each source.",
        );
        op.body("NewEventConfiguration", new);
        op.fails([
            SdElementsFailure::field("event_source", "This field is required."),
            duplicate_configuration(),
            SdElementsFailure::Validation(vec![(
                "projects",
                Wrong::Item(0, "A valid integer is required.".to_owned()),
            )]),
            SdElementsFailure::NotFound,
        ]);
        op.reply::<ConfigurationBody>(201, "The new event configuration.");
    });
    api.operation("GET", CONFIGURATION, "retrieveConfiguration", "Retrieve an event configuration", |op| {
        op.describe("One event configuration of the webhook.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<ConfigurationBody>(200, "The event configuration.");
    });
    api.operation("PATCH", CONFIGURATION, "updateConfiguration", "Update an event configuration", |op| {
        op.describe("Changes the given fields and keeps the others.");
        op.body("EventConfigurationChanges", changes);
        op.fails([SdElementsFailure::field("active", "Must be a valid boolean."), SdElementsFailure::NotFound]);
        op.reply::<ConfigurationBody>(200, "The updated event configuration.");
    });
    api.operation("DELETE", CONFIGURATION, "deleteConfiguration", "Delete an event configuration", |op| {
        op.describe("The webhook gets no more events of that source. Events that are queued are still sent.");
        op.fails([SdElementsFailure::NotFound]);
        op.no_content("The event configuration is deleted.");
    });
}

fn states(api: &mut Document) {
    let at = |name: &str| format!("{WEBHOOK}{name}/");
    api.operation("POST", &at("pause"), "pauseWebhook", "Pause a webhook", |op| {
        op.describe("Stops delivery. Events are kept, and are sent after `unpause`.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<StateBody>(200, "The webhook's state.");
    });
    api.operation("POST", &at("unpause"), "unpauseWebhook", "Unpause a webhook", |op| {
        op.describe(
            "Resumes delivery that the owner paused, oldest event first. A second call within ten seconds is a 429.",
        );
        op.fails([SdElementsFailure::NotFound, SdElementsFailure::Throttled(10)]);
        op.reply::<StateBody>(200, "The webhook's state.");
    });
    api.operation("POST", &at("unsuspend"), "unsuspendWebhook", "Unsuspend a webhook", |op| {
        op.describe("Resumes delivery that the system stopped after failures, oldest event first.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<StateBody>(200, "The webhook's state.");
    });
    api.operation("GET", &at("status"), "retrieveStatus", "Retrieve a webhook's status", |op| {
        op.describe("The webhook's state, how many events wait, and when the next attempt is due.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<StatusBody>(200, "The webhook's status.");
    });
    api.operation("POST", &at("test"), "testWebhook", "Send a test message", |op| {
        op.describe("Sends a message that says it is a test, whatever the webhook's state, and changes nothing.");
        op.fails([SdElementsFailure::NotFound, SdElementsFailure::Throttled(5)]);
        op.reply::<AttemptBody>(200, "The endpoint's reply.");
    });
}
