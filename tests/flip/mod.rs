//! Flip's API: docs/apis/flip.md.

mod contract;
mod end_to_end;
mod visibility;

use serde_json::{Value, json};

use crate::support::World;

/// The collection's path.
const LIST: &str = "/api/webhooks/v4/webhooks";

/// What registers a webhook that delivers to `https://<receiver>`.
fn new(receiver: &str, event_types: &[&str]) -> Value {
    json!({"url": format!("https://{receiver}"), "subscription": {"event_types": event_types}})
}

/// Registers one and gives its path and its signing secret.
async fn registered(world: &World, token: &str, receiver: &str, event_types: &[&str]) -> (String, String) {
    let made = world.ask(token, "POST", LIST, Some(&new(receiver, event_types))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = made.json();
    let secret = body["authentication"]["signing_secret"].as_str().unwrap();
    (format!("{LIST}/{}", body["id"].as_str().unwrap()), secret.to_owned())
}
