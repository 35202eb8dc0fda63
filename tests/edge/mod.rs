//! The APIs' edge, alike for all: who may do what, how much, what is written down of it, and what odd requests are answered.

mod audit;
mod limits;
mod masks;
mod odd_requests;
mod permissions;

use serde_json::{Value, json};
use shared::domain::Api;

use crate::support::{World, slack_url};

/// A project of Akinon's.
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";

/// An API's collection of webhooks.
fn collection(world: &World, api: Api) -> String {
    let ready = world.stack.ready();
    match api {
        Api::SdElements => "/api/v2/webhooks/".to_owned(),
        Api::Flip => "/api/webhooks/v4/webhooks".to_owned(),
        Api::Akinon => format!("/organizations/{}/projects/{PROJECT}/settings/webhooks", ready.akinon_organization),
        Api::Socotra => format!("/event/{}/webhooks", ready.socotra_tenant),
        Api::Operations => "/operations/notifications".to_owned(),
    }
}

/// What makes a webhook of that API.
fn new(api: Api, name: &str) -> Value {
    let url = format!("https://example.com/{name}");
    match api {
        Api::SdElements => json!({"name": name, "url": slack_url(name)}),
        Api::Flip => json!({"url": url, "subscription": {"event_types": ["chat"]}}),
        Api::Akinon => json!({"name": name, "url": url, "events": []}),
        Api::Socotra => json!({"name": name, "enabled": true, "endpoint": {"url": url}, "eventTypes": []}),
        Api::Operations => json!({"kind": "webhook", "name": name, "url": url}),
    }
}

/// The id of a webhook that was made, as a path has it.
fn id_of(api: Api, made: &Value) -> String {
    let key = match api {
        Api::SdElements | Api::Flip | Api::Operations => "id",
        Api::Akinon => "_id",
        Api::Socotra => "locator",
    };
    made[key].as_str().map_or_else(|| made[key].to_string(), str::to_owned)
}
