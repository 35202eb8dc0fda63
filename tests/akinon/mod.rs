//! Akinon's API: docs/apis/akinon.md.

mod contract;
mod end_to_end;
mod projects;

use serde_json::{Value, json};

use crate::support::World;

/// A project, and another.
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";
const OTHER: &str = "665f1c2ab7e9d0a1b2c3d4e6";

/// The collection's path in that project of the world's organization.
fn list(world: &World, project: &str) -> String {
    format!("/organizations/{}/projects/{project}/settings/webhooks", world.stack.ready().akinon_organization)
}

/// What makes a webhook that delivers to `https://<receiver>`.
fn new(receiver: &str, events: &[&str]) -> Value {
    json!({"name": "Deployments", "url": format!("https://{receiver}"), "events": events})
}

/// Makes a webhook and gives its path and its signing secret.
async fn created(world: &World, project: &str, body: &Value) -> (String, String) {
    let made = world.ask(&world.token, "POST", &list(world, project), Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let path = format!("{}/{}", list(world, project), made["_id"].as_str().unwrap());
    (path, made["signingSecret"].as_str().unwrap().to_owned())
}
