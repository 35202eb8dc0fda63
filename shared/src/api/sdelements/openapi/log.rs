//! The operations on the delivery log and on activities.

use super::{
    parts::{cursor_parameters, publishing},
    request_schemas,
};
use crate::{
    api::{
        openapi::{Document, moment},
        sdelements::{
            ActivityBody, CursorPage, DeliveryBody, DeliveryDetailBody, ResendBody, SdElementsFailure, date_time,
        },
    },
    domain::DeliveryState,
};

const DELIVERIES: &str = "/api/v2/webhooks/{webhook_id}/deliveries/";
const DELIVERY: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/";
const RESEND_ONE: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend/";
const RESEND: &str = "/api/v2/webhooks/{webhook_id}/resend/";
const ACTIVITIES: &str = "/api/v2/projects/{project_id}/activities/";

/// Adds the operations on the delivery log and on activities.
pub(super) fn describe(api: &mut Document) {
    api.group("Deliveries", "The delivery log of a webhook, and resending what is in it.");
    deliveries(api);
    api.group("Activities", "Activities of a project, which are the events that webhooks receive.");
    activities(api);
}

fn deliveries(api: &mut Document) {
    let state = api.answered::<DeliveryState>();
    api.operation("GET", DELIVERIES, "listDeliveries", "List deliveries", |op| {
        op.describe("The webhook's deliveries, newest first, with cursor pagination.");
        cursor_parameters(op);
        op.query("state", "Only deliveries in this state.", state);
        op.query("after", "Only events accepted at this time or later, RFC 3339.", moment());
        op.query("before", "Only events accepted before this time, RFC 3339.", moment());
        op.fails([SdElementsFailure::field("after", date_time::WRONG_FORMAT), SdElementsFailure::NotFound]);
        op.reply::<CursorPage<DeliveryBody>>(200, "A page of deliveries.");
    });
    api.operation("GET", DELIVERY, "retrieveDelivery", "Retrieve a delivery", |op| {
        op.describe("One delivery with its attempts, oldest first.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<DeliveryDetailBody>(200, "The delivery.");
    });
    api.operation("DELETE", DELIVERY, "deleteDelivery", "Delete a diverted delivery", |op| {
        op.describe("Discards a diverted delivery for good. A delivery in another state is a 409.");
        op.fails([
            SdElementsFailure::NotFound,
            SdElementsFailure::Conflict("Only a diverted delivery can be deleted."),
        ]);
        op.no_content("The delivery is deleted.");
    });
    api.operation("POST", RESEND_ONE, "resendDelivery", "Resend a delivery", |op| {
        op.describe("Queues a finished delivery again. It is sent in the background.");
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<DeliveryBody>(202, "The delivery, which is pending again.");
    });
    api.operation("POST", RESEND, "resendDeliveries", "Resend deliveries", |op| {
        op.describe(
            "Queues all deliveries again that finished in a state and whose events were accepted in a span of time. One such \
             request at a time: while another is worked through, it is a 409.",
        );
        op.body("ResendRequest", request_schemas::resend_request());
        op.fails([SdElementsFailure::field("state", "This field is required."), SdElementsFailure::NotFound]);
        op.fails([SdElementsFailure::Conflict("Another resend of this webhook is not finished yet.")]);
        op.reply::<ResendBody>(202, "The deliveries are resent in the background.");
    });
}

fn activities(api: &mut Document) {
    api.operation("POST", ACTIVITIES, "publishActivity", "Publish an activity", |op| {
        op.describe("Publishes an activity of a project. Every webhook that is subscribed to its `name` receives it.");
        publishing(op);
        op.body("NewActivity", request_schemas::new_activity());
        op.fails([SdElementsFailure::field("name", "This field is required."), SdElementsFailure::NotFound]);
        op.reply::<ActivityBody<'_>>(201, "The activity as it was accepted.");
    });
    api.operation("GET", ACTIVITIES, "listActivities", "List activities", |op| {
        op.describe("The project's activities, newest first, with cursor pagination.");
        cursor_parameters(op);
        op.fails([SdElementsFailure::NotFound]);
        op.reply::<CursorPage<ActivityBody<'_>>>(200, "A page of activities.");
    });
}
