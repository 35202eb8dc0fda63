//! The OpenAPI document of `POST /events`.

use serde_json::{Value, json};

use super::EventBody;
use crate::{
    api::{
        openapi::{Document, event_type, moment, object, project, refusable, required},
        sdelements::{
            SdElementsFailure,
            openapi::{error, publishing, tokens},
        },
    },
    validation::ordering_key,
};

const DESCRIPTION: &str = "\
Publishing any event, for producers that speak none of the four APIs. Outhook's own; errors are shaped as SD Elements' are. \
Needs the permission `events:write` or `super_user`. Both slash forms of the path are served. `null` counts as absent \
(`x-also-accepts`).";

/// Builds the OpenAPI document of `POST /events`.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("events", "Outhook events", DESCRIPTION, error);
    tokens(&mut api);
    api.any_fails([SdElementsFailure::PermissionDenied]);
    let word = || json!({"type": "string", "pattern": "^[!-~]{1,200}$"});
    let members = [
        required("type", event_type()),
        refusable("project", project()),
        refusable("time", moment()),
        refusable("request", word()),
        refusable("user", word()),
        refusable("ordering_key", json!({"type": "string", "minLength": 1, "maxLength": ordering_key::MAX})),
        required("data", json!({"type": "object"})),
    ];
    let new = object("An event. It happens now unless `time` is given.", members);
    api.group("Events", "Publishing events to the webhooks of all APIs.");
    api.operation("POST", "/events", "publishEvent", "Publish an event", |op| {
        op.describe(
            "Publishes an event to every webhook of the organization that wants its type, whatever API the webhook was created \
             through. The reply comes when the event is stored; it is delivered in the background.",
        );
        publishing(op);
        op.body("NewEvent", new);
        op.fails([SdElementsFailure::field("type", "This field is required.")]);
        op.reply::<EventBody<'_>>(201, "The event as it was accepted.");
    });
    api.finish()
}
