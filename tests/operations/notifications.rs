//! Notification targets.

use serde_json::{Value, json};

use super::{ask, done};
use crate::support::World;

const TARGETS: &str = "/operations/notifications";

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_made_changed_and_deleted() {
    let world = World::new().await;
    let slack = json!({"kind": "slack", "name": "On call", "url": crate::support::slack_url("OnCall")});
    let signed = json!({"kind": "webhook", "name": "Pager", "url": "https://pager.example/in/secret-path",
        "event_types": ["outhook.webhook.suspended", "outhook.webhook.failing"], "active": false});
    let mut shown = Vec::new();
    let mut ids = Vec::new();
    for new in [slack, signed] {
        let made = ask(&world, "POST", TARGETS, new).await;
        ids.push(made.json()["id"].as_str().unwrap().to_owned());
        shown.push(made.shown());
    }
    assert_eq!((shown[0].matches("[secret]").count(), shown[1].matches("[secret]").count()), (0, 1), "{shown:?}");
    let [slack, signed] = [0, 1].map(|at| format!("{TARGETS}/{}", ids[at]));
    shown.push(ask(&world, "GET", TARGETS, Value::Null).await.shown());
    shown.push(ask(&world, "PATCH", &signed, json!({"active": true, "event_types": []})).await.shown());
    shown.push(ask(&world, "GET", &slack, Value::Null).await.shown());
    assert_eq!(ask(&world, "DELETE", &slack, Value::Null).await.status, 204);
    assert_eq!(ask(&world, "GET", &slack, Value::Null).await.status, 404);
    assert_eq!(done(&world, "GET", TARGETS, Value::Null).await["items"].as_array().map(Vec::len), Some(1));
    assert!(!shown.join("").contains("secret-path") && !shown.join("").contains("OnCall"), "{shown:?}");
    insta::assert_snapshot!(shown.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_can_be_sent_back_and_leaves_the_url_as_it_is() {
    let world = World::new().await;
    for (kind, url, receiver) in [
        ("webhook", "https://whole.example/hooks/path-credential".to_owned(), "whole.example/hooks/path-credential"),
        ("slack", crate::support::slack_url("Whole"), "services/T00000000/B00000000/Whole"),
    ] {
        let target = json!({"kind": kind, "name": "n", "url": url});
        let made = done(&world, "POST", TARGETS, target).await;
        let path = format!("{TARGETS}/{}", made["id"].as_str().unwrap());
        let shown = done(&world, "GET", &path, Value::Null).await;
        let back = json!({"kind": kind, "name": "renamed", "url": shown["url"], "event_types": shown["event_types"]});
        assert_eq!(done(&world, "PATCH", &path, back).await["name"], "renamed");
        let webhook = format!("{}/operations:{}", super::WEBHOOKS, made["id"].as_str().unwrap());
        done(&world, "POST", &format!("{webhook}/test"), Value::Null).await;
        assert_eq!(world.received(receiver, 1).await.len(), 1);
        let masked = json!({"url": "https://other.example/hooks/…"});
        let refused = ask(&world, "PATCH", &path, masked).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("must be whole"), "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_target_may_be_on_a_slack_compatible_host_that_an_operator_named() {
    let world = World::new().await;
    let target = json!({"kind": "slack", "name": "n", "url": "https://chat.example.com/hooks/hook-credential"});
    assert_eq!(ask(&world, "POST", TARGETS, target.clone()).await.status, 400);
    let other = world.organization("other", 100).await;
    let hosts = ["chat.example.com".to_owned()];
    assert!(world.stack.store().set_slack_compatible_hosts(&other.id, &hosts).await.unwrap());
    let key = world.user_of(&other.id, "ann", shared::domain::Permission::ALL).await;
    assert_eq!(world.ask(&key, "POST", TARGETS, Some(&target)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_said_at_once_and_nothing_is_repeated() {
    let world = World::new().await;
    let target = json!({"kind": "slack", "name": "n", "url": crate::support::slack_url("X")});
    let id = done(&world, "POST", TARGETS, target).await["id"].as_str().unwrap().to_owned();
    let mut shown = Vec::new();
    for (method, path, body) in [
        ("POST", TARGETS.to_owned(), json!({})),
        ("POST", TARGETS.to_owned(), json!([])),
        (
            "POST",
            TARGETS.to_owned(),
            json!({"kind": "mail", "name": "", "url": 1, "event_types": ["chat"], "active": 1, "x": 2}),
        ),
        ("POST", TARGETS.to_owned(), json!({"kind": "slack", "name": "n", "url": "https://hidden.example/"})),
        ("POST", TARGETS.to_owned(), json!({"kind": "webhook", "name": "n", "url": "http://hidden.example/"})),
        ("POST", TARGETS.to_owned(), json!({"kind": "webhook", "name": "n", "url": "https://169.254.169.254/hidden"})),
        ("POST", TARGETS.to_owned(), json!({"kind": "webhook", "name": " ", "url": "https://hidden.example/…"})),
        ("POST", TARGETS.to_owned(), json!({"kind": "webhook", "name": "a\u{0}b", "url": "https://seen.example/"})),
        ("PATCH", format!("{TARGETS}/{id}"), json!({"kind": "webhook"})),
        ("PATCH", format!("{TARGETS}/{id}"), json!({"url": "https://hidden.example/"})),
    ] {
        shown.push(ask(&world, method, &path, body).await.shown());
    }
    assert!(!shown.join("").contains("hidden"), "{shown:?}");
    insta::assert_snapshot!(shown.join("\n"));
    let text = world.raw("POST", TARGETS, &[("Authorization", &format!("Bearer {}", world.token))], "{").await;
    assert_eq!((text.status, text.json()["title"].as_str()), (400, Some("Bad Request")));
}
