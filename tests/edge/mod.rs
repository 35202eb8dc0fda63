//! The APIs' edge, alike for all: who may do what, how much, what is written down of it, and what odd requests are answered.

mod audit;
mod limits;
mod masks;
mod odd_requests;
mod permissions;

use serde_json::{Value, json};

use crate::support::{World, slack_url};

/// A project of Akinon's.
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";

/// An API's collection of webhooks.
fn collection(world: &World, api: &str) -> String {
    let ready = world.stack.ready();
    match api {
        "sdelements" => "/api/v2/webhooks/".to_owned(),
        "flip" => "/api/webhooks/v4/webhooks".to_owned(),
        "akinon" => format!("/organizations/{}/projects/{PROJECT}/settings/webhooks", ready.akinon_organization),
        _ => format!("/event/{}/webhooks", ready.socotra_tenant),
    }
}

/// What makes a webhook of that API.
fn new(api: &str, name: &str) -> Value {
    let url = format!("https://example.com/{name}");
    match api {
        "sdelements" => json!({"name": name, "url": slack_url(name)}),
        "flip" => json!({"url": url, "subscription": {"event_types": ["chat"]}}),
        "akinon" => json!({"name": name, "url": url, "events": []}),
        _ => json!({"name": name, "enabled": true, "endpoint": {"url": url}, "eventTypes": []}),
    }
}

/// The four APIs, with the key of a webhook's id in their answers.
const APIS: [(&str, &str); 4] = [("sdelements", "id"), ("flip", "id"), ("akinon", "_id"), ("socotra", "locator")];

/// An id as a path has it.
fn id_of(made: &Value, key: &str) -> String {
    made[key].as_str().map_or_else(|| made[key].to_string(), str::to_owned)
}
