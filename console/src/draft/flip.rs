//! A webhook of Flip's API.

use serde_json::json;
use shared::{
    api::flip::{FlipFailure, Manager, NewWebhook, new_key},
    domain::{Caller, Webhook},
};

use super::maker::{Maker, Wrong, error, other, passes, types};
use crate::form::Fields;

pub(super) fn is_permitted(caller: &Caller) -> bool {
    passes(caller, &Manager, "/api/webhooks/v4/webhooks")
}

pub(super) fn webhook(maker: &Maker<'_>, fields: &Fields) -> Result<Webhook, Wrong> {
    let body = json!({"url": fields.text("url"), "subscription": {"event_types": types(fields)}});
    let new = NewWebhook::parse(&body).and_then(|new| new.elsewhere(&maker.request.own_hosts)).map_err(wrong)?;
    let store = maker.store;
    Ok(new.webhook(maker.caller, new_key(store.random()), store.random(), store.clock().now()))
}

fn wrong(failure: FlipFailure) -> Wrong {
    match failure {
        FlipFailure::Field(_, field, message) => {
            // What the form calls it.
            let field = if field.starts_with("subscription") { "types" } else { field };
            Wrong::Fields(vec![error(field, message)])
        }
        failure => other(failure == FlipFailure::Unavailable),
    }
}
