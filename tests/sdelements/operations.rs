//! Pausing, testing, looking up and sending again.

use serde_json::{Value, json};

use crate::support::World;

fn path(id: u64, rest: &str) -> String {
    format!("/api/v2/webhooks/{id}/{rest}")
}

async fn post(world: &World, id: u64, rest: &str, body: &Value) -> crate::support::Reply {
    world.call("POST", &path(id, rest), Some(body)).await
}

/// Waits until the status says what `wanted` wants to hear.
async fn status(world: &World, id: u64, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2_000 {
        let status = world.call("GET", &path(id, "status/"), None).await.json();
        if wanted(&status) {
            return status;
        }
    }
    panic!("the awaited status never came; logs:\n{}", world.logs().join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_paused_is_kept_and_arrives_in_order_after_the_unpause() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    insta::assert_snapshot!("an_active_status", world.call("GET", &path(id, "status/"), None).await.shown());
    insta::assert_snapshot!("paused", post(&world, id, "pause/", &json!({})).await.shown());
    for name in ["alpha", "bravo", "charlie"] {
        world.publish(name).await;
    }
    let waiting = status(&world, id, |status| status["queued"] == 3).await;
    assert_eq!((&waiting["state"], &waiting["next_attempt"]), (&json!("paused"), &Value::Null));
    assert!(world.messages().await.is_empty());
    insta::assert_snapshot!("unpaused", post(&world, id, "unpause/", &json!({})).await.shown());
    let message = &world.accepted("X", 1).await[0];
    let at = |name: &str| message.find(name).unwrap();
    assert!(at("alpha") < at("bravo") && at("bravo") < at("charlie"));
    let again = post(&world, id, "unpause/", &json!({})).await;
    assert_eq!(again.status, 429);
    assert!(again.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 10);
    status(&world, id, |status| status["queued"] == 0 && status["last_success"].is_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_webhook_says_why_and_goes_on_when_it_is_unsuspended() {
    let world = World::new().await;
    world.behave("X", &json!({"status": 403, "body": "action_prohibited", "times": 1})).await;
    let id = world.subscribed("X").await;
    world.publish("kept").await;
    let suspended = status(&world, id, |status| status["state"] == "suspended").await;
    assert_eq!(suspended["reason"], "the endpoint is gone or rejects our requests: HTTP 403: action_prohibited");
    assert_eq!(suspended["queued"], 1);
    insta::assert_snapshot!("unsuspended", post(&world, id, "unsuspend/", &json!({})).await.shown());
    assert!(world.accepted("X", 1).await[0].contains("kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_is_sent_whatever_the_state_and_answers_what_slack_said() {
    let world = World::new().await;
    let id = world.webhook("X").await;
    post(&world, id, "pause/", &json!({})).await;
    let reply = post(&world, id, "test/", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["status"], &reply.json()["failure"]), (200, &json!(200), &Value::Null));
    // The second one waits for its second, so Slack does not have to refuse it.
    let reply = post(&world, id, "test/", &json!({})).await;
    assert_eq!(reply.json()["status"], 200);
    world.behave("X", &json!({"status": 404, "body": "no_service"})).await;
    let refused = post(&world, id, "test/", &json!({})).await;
    assert_eq!((&refused.json()["status"], &refused.json()["failure"]), (&json!(404), &json!("HTTP 404: no_service")));
    let state = status(&world, id, |_| true).await;
    assert_eq!(state["state"], "paused", "a test changes no state");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_lists_shows_and_sends_again() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    world.behave("X", &json!({"status": 400, "body": "invalid_blocks", "times": 1})).await;
    let diverted = world.publish("refused").await;
    status(&world, id, |status| status["last_failure"].is_string() && status["queued"] == 0).await;
    let delivered = world.publish("fine").await;
    world.accepted("X", 1).await;
    status(&world, id, |status| status["last_success"].is_string() && status["queued"] == 0).await;
    let list = async |query: &str| {
        let reply = world.call("GET", &path(id, &format!("deliveries/?{query}")), None).await.json();
        let results = reply["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|d| (d["id"].as_str().unwrap().to_owned(), d["state"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let all = [(delivered.clone(), "delivered".to_owned()), (diverted.clone(), "diverted".to_owned())];
    assert_eq!(list("").await, all);
    assert_eq!(list("state=diverted").await, all[1..]);
    assert_eq!(list("before=2000-01-01T00:00:00Z").await, []);
    let bad = world.call("GET", &path(id, "deliveries/?state=x&after=y"), None).await;
    insta::assert_snapshot!("a_bad_log_query", bad.shown());
    let one = world.call("GET", &path(id, &format!("deliveries/{diverted}/")), None).await.json();
    assert_eq!(one["reason"], "HTTP 400: invalid_blocks");
    assert_eq!((one["attempts"].as_array().unwrap().len(), &one["attempts"][0]["status"]), (1, &json!(400)));
    // One again.
    let again = post(&world, id, &format!("deliveries/{diverted}/resend/"), &json!({})).await;
    assert_eq!((again.status, &again.json()["state"]), (202, &json!("pending")));
    assert!(world.accepted("X", 2).await[1].contains("refused"));
    status(&world, id, |status| status["queued"] == 0).await;
    // Many again.
    let many = post(&world, id, "resend/", &json!({"state": "delivered", "after": "2000-01-01T00:00:00Z"})).await;
    assert_eq!(many.status, 202);
    let arrived = world.accepted("X", 3).await.split_off(2).concat();
    assert!(arrived.contains("refused") && arrived.contains("fine"));
    let finished = world.call("DELETE", &path(id, &format!("deliveries/{delivered}/")), None).await;
    assert_eq!(finished.shown(), r#"409 {"detail":"Only a diverted delivery can be deleted."}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diverted_delivery_can_be_deleted() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    world.behave("X", &json!({"status": 422, "times": 1})).await;
    let diverted = world.publish("refused").await;
    status(&world, id, |status| status["last_failure"].is_string() && status["queued"] == 0).await;
    let one = path(id, &format!("deliveries/{diverted}/"));
    assert_eq!(world.call("DELETE", &one, None).await.status, 204);
    // The log says so, and keeps nothing of the event: a record of the stream that comes again must not bring it back.
    let shown = world.call("GET", &one, None).await.json();
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("discarded"), &json!("deleted by its owner")));
    assert_eq!(world.call("DELETE", &one, None).await.status, 409);
    let left = world.scan("DeliveriesTable").await;
    assert!(left.iter().all(|item| !item.contains_key("event") && !item["sk"].as_s().unwrap().starts_with("DIV#")));
}
