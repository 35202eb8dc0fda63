//! `cargo admin smoke`, which tries a deployment.

use serde_json::json;

use super::admin;
use crate::support::{World, slack_url};

async fn smoke(world: &World, token: &str, more: &[&str]) -> (bool, String) {
    let url = slack_url("smoke");
    let arguments = ["smoke", &world.stack.ready().gateway, "--token", token, "--slack-url", &url];
    let (done, shown) = admin(world, &[&arguments, more].concat()).await;
    assert!(!shown.contains(token) && !shown.contains("hooks.slack.com"), "{shown}");
    (done, shown)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_works_passes_and_nothing_is_left_in_it() {
    let world = World::new().await;
    let (done, shown) = smoke(&world, &world.token, &["--allow-http"]).await;
    assert!(done && shown.ends_with("The deployment works.\n"), "{shown}");
    assert_eq!(shown.matches("ok: ").count(), 12, "{shown}");
    assert_eq!(world.accepted("smoke", 2).await.len(), 2, "the test message and the event");
    assert_eq!(world.call("GET", "/api/v2/webhooks/", None).await.json()["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_work_fails() {
    let world = World::new().await;
    let (done, shown) = smoke(&world, &world.token, &[]).await;
    assert!(!done && shown.contains("in the clear"), "{shown}");
    let (done, shown) = smoke(&world, "oh_nobody_x", &["--allow-http"]).await;
    assert!(!done && shown.contains("answered 401 instead of 200"), "{shown}");
    world.behave("smoke", &json!({"status": 404, "body": "no_service"})).await;
    let (done, shown) = smoke(&world, &world.token, &["--allow-http"]).await;
    assert!(!done && shown.contains("Slack answered the test message with 404"), "{shown}");
    assert_eq!(world.call("GET", "/api/v2/webhooks/", None).await.json()["count"], 0, "it is deleted all the same");
}
