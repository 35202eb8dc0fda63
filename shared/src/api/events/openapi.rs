//! The OpenAPI document of `POST /events`.

use serde_json::{Value, json};

use super::{
    batch::{BatchBody, BatchResult, LONGEST_KEY, MOST},
    event::EventBody,
};
use crate::{
    api::{
        openapi::{Document, also, event_type, moment, object, project, refusable, required},
        sdelements::{
            SdElementsFailure,
            openapi::{error, publishing, tokens},
        },
    },
    domain::{EventId, Timestamp},
    validation::ordering_key,
};

const DESCRIPTION: &str = "\
Publishing any event, for producers that speak none of the four APIs. Outhook's own; errors are shaped as SD Elements' are. \
Needs the permission `events:write` or `super_user`. Both slash forms of the path are served. `null` counts as absent \
(`x-also-accepts`).";

const REQUIRED: &str = "This field is required.";

/// Builds the OpenAPI document of `POST /events`.
pub(in crate::api) fn document() -> Value {
    let mut api = Document::new("events", "Outhook events", DESCRIPTION, error);
    tokens(&mut api);
    api.any_fails([SdElementsFailure::PermissionDenied]);
    let word = || json!({"type": "string", "pattern": "^[!-~]{1,200}$"});
    let event = || {
        [
            required("type", event_type()),
            refusable("project", project()),
            refusable("time", moment()),
            refusable("request", word()),
            refusable("user", word()),
            refusable("ordering_key", json!({"type": "string", "minLength": 1, "maxLength": ordering_key::MAX})),
            required("data", json!({"type": "object"})),
        ]
    };
    let id_key = json!({"type": "string", "minLength": 1, "maxLength": LONGEST_KEY,
        "description": "For 24 hours, the same event with the same key has the id that it was given first."});
    let of_batch = object("An event of a batch.", event().into_iter().chain([refusable("id_key", id_key)]));
    let events = json!({"type": "array", "minItems": 1, "maxItems": MOST, "items": of_batch});
    let batch = object("A batch of events, at most 6 MB.", [required("events", events)]);
    let new = also(object("An event. It happens now unless `time` is given.", event()), [batch]);
    api.group("Events", "Publishing events to the webhooks of all APIs.");
    api.operation("POST", "/events", "publishEvent", "Publish an event", |op| {
        op.describe(
            "Publishes an event to every webhook of the organization that wants its type, whatever API the webhook was created \
             through. The reply comes when the event is stored; it is delivered in the background. Types that begin with `outhook.` are \
             reserved.\n\nA body `{\"events\": [...]}` is a batch of up to 100 events (`x-also-accepts`), at most 6 MB. Each is accepted \
             or refused by itself, and each may have an `id_key`, which is for it what the header `Idempotency-Key` is for a single \
             event. Events of one ordering key keep their order. The reply is `{\"results\": [...]}` with the `id` or the `error` of \
             each: a 201 if all were accepted, otherwise a 207.",
        );
        publishing(op);
        op.body("NewEvent", new);
        op.fails([SdElementsFailure::field("type", REQUIRED)]);
        op.reply_also::<EventBody<'_>, BatchBody>(201, "The event as it was accepted; for a batch, what a 207 has.");
        let of_two = [Ok(EventId::new(Timestamp(1_743_416_100_000), 1)), Err(SdElementsFailure::field("type", REQUIRED))];
        let example = BatchBody { results: of_two.map(BatchResult::from).into() };
        op.other_reply(207, "A batch of which not every event was accepted.", &example);
    });
    api.finish()
}
