//! From the registration to what the receiver gets.

use serde_json::{Value, json};

use super::{LIST, registered};
use crate::support::{World, body_of, verifies};

fn names(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| body_of(message)["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_match_exactly_or_by_whole_segments_arrive_signed() {
    let world = World::new().await;
    // A prefix and a type under it: one event is still delivered once.
    let types = ["chat.message.sent", "hr.absence-request", "hr.absence-request.created"];
    let (one, secret) = registered(&world, &world.token, "flip.example/hook?tenant=1", &types).await;
    let wanted = ["chat.message.sent", "hr.absence-request", "hr.absence-request.created", "chat.message.sent.again"];
    for other in
        ["chat", "chat.message", "chat.message.sentence", "hr.absence-requests.created", "hr", "Chat.message.sent"]
    {
        world.event(other, None, &json!({"unwanted": true})).await;
    }
    let mut ids = Vec::new();
    for name in wanted {
        ids.push(world.event(name, Some("11"), &json!({"name": name, "text": "Ä & <b>"})).await);
    }
    let messages = world.received("flip.example/hook?tenant=1", 4).await;
    assert_eq!(names(&messages), wanted);
    for (message, id) in messages.iter().zip(&ids) {
        assert_eq!(message["headers"]["webhook-id"], id.as_str());
        assert_eq!(message["headers"]["content-type"], "application/json");
        assert!(verifies(message, &secret));
    }
    insta::assert_snapshot!(crate::support::alike(messages[0]["body"].as_str().unwrap()));
    // The verifier is no yes-man.
    let mut forged = messages[0].clone();
    forged["body"] = json!("{}");
    assert!(!verifies(&forged, &secret));
    let (_, other) = registered(&world, &world.token, "flip.example/other", &["x"]).await;
    assert!(!verifies(&messages[0], &other));
    let shown = world.ask(&world.token, "GET", &format!("{one}?show_authentication=true"), None).await.json();
    assert_eq!(shown["authentication"]["signing_secret"], secret.as_str());
    assert!(!world.logs().iter().any(|line| line.contains("flip.example") || line.contains("whsec_")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_buffers_and_an_unpause_resumes_in_order() {
    let world = World::new().await;
    let (paused, _) = registered(&world, &world.token, "flip.example/paused", &["chat"]).await;
    registered(&world, &world.token, "flip.example/control", &["chat"]).await;
    let body = world.ask(&world.token, "POST", &format!("{paused}/pause"), None).await.json();
    assert_eq!(body["status"], "PAUSED");
    let wanted = ["chat.a", "chat.b", "chat.c"];
    for name in wanted {
        world.event(name, None, &json!({})).await;
    }
    world.received("flip.example/control", 3).await;
    assert!(world.received("flip.example/paused", 0).await.is_empty());
    let body = world.ask(&world.token, "POST", &format!("{paused}/unpause"), None).await.json();
    assert_eq!(body["status"], "ACTIVE");
    assert_eq!(names(&world.received("flip.example/paused", 3).await), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_is_lost_with_the_webhook() {
    let world = World::new().await;
    let (one, _) = registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    registered(&world, &world.token, "flip.example/control", &["chat"]).await;
    world.ask(&world.token, "POST", &format!("{one}/pause"), None).await;
    world.event("chat.lost", None, &json!({})).await;
    world.received("flip.example/control", 1).await;
    assert_eq!(world.ask(&world.token, "DELETE", &one, None).await.status, 200);
    // Registered anew at the same URL, it begins with what happens from now on.
    registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    world.event("chat.new", None, &json!({})).await;
    assert_eq!(names(&world.received("flip.example/hook", 1).await), ["chat.new"]);
    assert!(world.stack.discarded().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_says_why_and_an_unpause_ends_it() {
    let world = World::new().await;
    let (one, _) = registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    world.receiver("flip.example/hook", &json!({"status": 410, "body": "moved away", "times": 1})).await;
    world.event("chat.kept", None, &json!({})).await;
    world.received("flip.example/hook", 1).await;
    let shown = world.eventually(&one, |webhook| webhook["status"] == "SUSPENDED").await;
    assert_eq!(shown["suspension"]["reason"], "the endpoint is gone or rejects our requests: HTTP 410: moved away");
    let list = world.ask(&world.token, "GET", LIST, None).await.json();
    assert_eq!(list["webhooks"][0], shown);
    let resumed = world.ask(&world.token, "POST", &format!("{one}/unpause"), None).await.json();
    assert_eq!((&resumed["status"], resumed.get("suspension")), (&json!("ACTIVE"), None));
    assert_eq!(names(&world.received("flip.example/hook", 2).await), ["chat.kept", "chat.kept"]);
}
