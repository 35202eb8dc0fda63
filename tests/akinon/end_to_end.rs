//! From the creation to what the receiver gets.

use serde_json::{Value, json};

use super::{OTHER, PROJECT, created, new};
use crate::support::{World, alike, body_of, verifies};

fn names(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| body_of(message)["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_projects_events_arrive_signed_and_with_the_owners_headers() {
    let world = World::new().await;
    let mut body = new("akinon.example/hook?tenant=1", &["deployment.build.created", "deployment.build.failed"]);
    body["headers"] = json!({"X-Api-Key": "key", "Authorization": "Bearer receiver", "Host": "evil.example",
        "Content-Type": "text/plain", "webhook-id": "forged", "webhook-signature": "v1,forged"});
    let (_, secret) = created(&world, PROJECT, &body).await;
    for (event, project) in [
        ("deployment.build.created", Some(OTHER)),
        ("deployment.build.created", None),
        ("deployment.build.succeeded", Some(PROJECT)),
        ("deployment.build", Some(PROJECT)),
        ("deployment.build.created.again", Some(PROJECT)),
    ] {
        world.event(event, project, &json!({"unwanted": true})).await;
    }
    let id = world.event("deployment.build.created", Some(PROJECT), &json!({"build": 7})).await;
    world.event("deployment.build.failed", Some(PROJECT), &json!({"build": 8})).await;
    let messages = world.received("akinon.example/hook?tenant=1", 2).await;
    assert_eq!(names(&messages), ["deployment.build.created", "deployment.build.failed"]);
    let headers = &messages[0]["headers"];
    assert_eq!((&headers["x-api-key"], &headers["authorization"]), (&json!("key"), &json!("Bearer receiver")));
    assert_eq!((&headers["content-type"], &headers["webhook-id"]), (&json!("application/json"), &json!(id)));
    assert!(messages.iter().all(|message| verifies(message, &secret)));
    insta::assert_snapshot!(alike(messages[0]["body"].as_str().unwrap()));
    assert!(!world.logs().iter().any(|line| line.contains("akinon.example") || line.contains("Bearer receiver")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_counts_for_what_happens_after_it() {
    let world = World::new().await;
    let mut body = new("akinon.example/hook", &["a"]);
    body["headers"] = json!({"X-Old": "1"});
    let (one, _) = created(&world, PROJECT, &body).await;
    created(&world, PROJECT, &new("akinon.example/control", &["a", "b"])).await;
    let patch = async |body: Value| {
        let reply = world.ask(&world.token, "PATCH", &one, Some(&body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    let mut published = 0;
    let mut happen = async |event: &str| {
        world.event(event, Some(PROJECT), &json!({"number": published})).await;
        published += 1;
        world.received("akinon.example/control", published).await;
    };
    // What is still queued at a change goes out as changed, so each change waits for what came before it.
    let arrived = async |count: usize| drop(world.received("akinon.example/hook", count).await);
    happen("a").await;
    arrived(1).await;
    patch(json!({"active": false})).await;
    happen("a").await;
    patch(json!({"active": true, "headers": {"X-New": "2"}})).await;
    happen("a").await;
    arrived(2).await;
    patch(json!({"events": ["b"]})).await;
    happen("a").await;
    happen("b").await;
    arrived(3).await;
    patch(json!({"url": "https://akinon.example/moved"})).await;
    happen("b").await;
    let numbers = |messages: &[Value]| {
        messages.iter().map(|message| body_of(message)["data"]["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let moved = world.received("akinon.example/moved", 1).await;
    assert_eq!(numbers(&moved), [5]);
    let messages = world.received("akinon.example/hook", 3).await;
    assert_eq!(numbers(&messages), [0, 2, 4]);
    assert_eq!(messages[0]["headers"]["x-old"], "1");
    assert_eq!((&messages[1]["headers"]["x-new"], messages[1]["headers"].get("x-old")), (&json!("2"), None));
    assert_eq!(world.ask(&world.token, "DELETE", &one, None).await.status, 204);
    happen("b").await;
    assert_eq!(world.received("akinon.example/moved", 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_says_why_and_switching_it_on_ends_it() {
    let world = World::new().await;
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    world.receiver("akinon.example/hook", &json!({"status": 403, "body": "forbidden", "times": 2})).await;
    world.event("a", Some(PROJECT), &json!({})).await;
    let shown = world.eventually(&one, |webhook| webhook["suspension"].is_object()).await;
    assert_eq!(shown["suspension"]["reason"], "the endpoint is gone or rejects our requests: HTTP 403: forbidden");
    assert_eq!(shown["active"], true, "the owner's switch is as it was");
    // A new URL ends it too, since the endpoint was to blame.
    world.receiver("akinon.example/moved", &json!({"status": 404, "body": "no", "times": 1})).await;
    let moved = world.ask(&world.token, "PATCH", &one, Some(&json!({"url": "https://akinon.example/moved"}))).await;
    assert_eq!(moved.json().get("suspension"), None);
    world.eventually(&one, |webhook| webhook["suspension"]["reason"].to_string().contains("HTTP 404: no")).await;
    let resumed = world.ask(&world.token, "PATCH", &one, Some(&json!({"active": true}))).await;
    assert_eq!(resumed.json().get("suspension"), None);
    let messages = world.received("akinon.example/moved", 2).await;
    assert_eq!((&messages[0]["status"], &messages[1]["status"]), (&json!(404), &json!(200)));
}
