//! The script that tries a deployment. It is in Python, as SAM is, which nothing else here needs: `.ci/run` runs these.

use std::process::{Command, Output};

use crate::support::{World, root, slack_url};

fn smoke(world: &World, token: &str, more: &[&str]) -> Output {
    let mut script = Command::new("python3");
    script.arg(root().join("tools/smoke.py")).arg(&world.stack.ready().gateway).args(more);
    script.env("OUTHOOK_TOKEN", token).env("OUTHOOK_SLACK_URL", slack_url("smoke")).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Python"]
async fn the_smoke_script_passes_shows_no_secret_and_leaves_nothing() {
    let world = World::new().await;
    let tried = tokio::task::block_in_place(|| smoke(&world, &world.token, &["--allow-http"]));
    let shown = format!("{}{}", String::from_utf8_lossy(&tried.stdout), String::from_utf8_lossy(&tried.stderr));
    assert!(tried.status.success() && shown.ends_with("The deployment works.\n"), "{shown}");
    assert!(!shown.contains(&world.token) && !shown.contains("hooks.slack.com"), "{shown}");
    assert_eq!(world.accepted("smoke", 2).await.len(), 2, "the test message and the event");
    assert_eq!(world.call("GET", "/api/v2/webhooks/", None).await.json()["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Python"]
async fn the_smoke_script_fails_where_it_must() {
    let world = World::new().await;
    let failed = |output: Output| (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned());
    let (done, shown) = tokio::task::block_in_place(|| failed(smoke(&world, &world.token, &[])));
    assert!(!done && shown.contains("in the clear"), "{shown}");
    let (done, shown) = tokio::task::block_in_place(|| failed(smoke(&world, "oh_nobody_x", &["--allow-http"])));
    assert!(!done && shown.contains("answered 401 instead of 200"), "{shown}");
    world.behave("smoke", &serde_json::json!({"status": 404, "body": "no_service"})).await;
    let (done, shown) = tokio::task::block_in_place(|| failed(smoke(&world, &world.token, &["--allow-http"])));
    assert!(!done && shown.contains("Slack answered the test message with 404"), "{shown}");
    assert_eq!(world.call("GET", "/api/v2/webhooks/", None).await.json()["count"], 0, "it is deleted all the same");
}
