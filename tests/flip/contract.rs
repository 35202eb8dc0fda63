//! Every endpoint, parameter, status and error code, as full responses.

use serde_json::json;

use super::{LIST, new, registered};
use crate::support::{Proxy, Reply, World, counted, spend};

/// A reply with the headers that matter.
fn shown(reply: &Reply) -> String {
    assert!(!reply.headers["flip-request-id"].is_empty(), "every response has an id");
    let mut shown = reply.shown();
    for name in ["allow", "x-amzn-remapped-www-authenticate"] {
        if let Some(value) = reply.headers.get(name) {
            shown.push_str(&format!("\n  {name}: {}", value.to_str().unwrap()));
        }
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_in_full() {
    let world = World::new().await;
    let mut lines = Vec::new();
    let mut ask = async |method: &str, path: &str, name: &str, body: Option<&serde_json::Value>| {
        let reply = world.ask(&world.token, method, path, body).await;
        lines.push(format!("{method} {name}\n  {}", shown(&reply)));
        reply
    };
    ask("GET", LIST, "list", None).await;
    let body = new("flip.example/hook?tenant=1", &["hr.absence-request", "chat.message.sent", "hr.absence-request"]);
    let made = ask("POST", LIST, "list", Some(&body)).await.json();
    let one = format!("{LIST}/{}", made["id"].as_str().unwrap());
    ask("GET", LIST, "list", None).await;
    ask("GET", &format!("{LIST}/?show_authentication=true"), "list/?show_authentication=true", None).await;
    ask("GET", &one, "one", None).await;
    let secret = ask("GET", &format!("{one}?show_authentication=True"), "one?show_authentication=True", None).await;
    assert_eq!(secret.json()["authentication"], made["authentication"]);
    ask("GET", &format!("{one}?show_authentication=false"), "one?show_authentication=false", None).await;
    ask("HEAD", &one, "one", None).await;
    ask("HEAD", LIST, "list", None).await;
    ask("POST", &format!("{one}/pause"), "one/pause", None).await;
    ask("POST", &format!("{one}/pause/"), "one/pause/", Some(&json!({}))).await;
    ask("GET", &one, "one", None).await;
    ask("POST", &format!("{one}/unpause?show_authentication=true"), "one/unpause?show_authentication=true", None).await;
    ask("DELETE", &one, "one", None).await;
    ask("DELETE", &one, "one", None).await;
    ask("GET", LIST, "list", None).await;
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem() {
    let world = World::new().await;
    let (one, _) = registered(&world, &world.token, "flip.example/one", &["chat"]).await;
    let upper = format!("{LIST}/{}", one[LIST.len() + 1..].to_uppercase());
    let bearer = format!("Bearer {}", world.token);
    let member = format!("Bearer {}", world.stack.ready().tokens.member);
    let token = format!("Token {}", world.token);
    let mut lines = Vec::new();
    let mut ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let reply = world.raw(method, path, headers, body).await;
        let path = path.replace(&one, "one").replace(&upper, "ONE");
        lines.push(format!("{method} {path} {body}\n  {}", shown(&reply)));
    };
    let auth: &[_] = &[("Authorization", bearer.as_str())];
    // Authentication, then permission, then the webhook, then the body.
    ask("GET", LIST, &[], "").await;
    ask("GET", LIST, &[("Authorization", &token)], "").await;
    ask("GET", LIST, &[("Authorization", "Bearer nope")], "").await;
    ask("GET", LIST, &[("Authorization", "Bearer a b")], "").await;
    for (method, path) in [("GET", LIST), ("POST", LIST), ("GET", &one), ("DELETE", &one), ("PUT", &one)] {
        ask(method, path, &[("Authorization", &member)], "{").await;
    }
    ask("POST", &format!("{one}/pause"), &[("Authorization", &member)], "").await;
    ask("POST", &format!("{one}/unpause"), &[("Authorization", &member)], "").await;
    let other = format!("{LIST}/0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d");
    ask("GET", &other, auth, "").await;
    ask("DELETE", &other, auth, "").await;
    ask("POST", &format!("{other}/pause"), auth, "").await;
    ask("POST", &format!("{other}/unpause"), auth, "").await;
    ask("GET", &format!("{LIST}/1"), auth, "").await;
    ask("GET", &upper, auth, "").await;
    // Methods and paths that there are not.
    ask("PATCH", &one, auth, "{}").await;
    ask("PUT", LIST, auth, "{}").await;
    ask("GET", &format!("{one}/pause"), auth, "").await;
    ask("OPTIONS", &one, auth, "").await;
    ask("OPTIONS", &one, &[], "").await;
    ask("POST", &format!("{one}/resume"), auth, "").await;
    ask("GET", "/api/webhooks/v3/webhooks", &[], "").await;
    // Bodies.
    ask("POST", LIST, auth, "").await;
    ask("POST", LIST, auth, "{").await;
    ask("POST", LIST, auth, "[]").await;
    ask("POST", LIST, &[("Authorization", &bearer), ("Content-Type", "text/plain")], "{}").await;
    for subscription in [json!(null), json!({}), json!({"event_types": []}), json!({"event_types": ["chat.*"]})] {
        let body = json!({"url": "https://flip.example/x", "subscription": subscription});
        ask("POST", LIST, auth, &body.to_string()).await;
    }
    for url in [json!(null), json!("flip.example"), json!("https://127.0.0.1/"), json!("http://flip.example/x")] {
        let body = json!({"url": url, "subscription": {"event_types": ["chat"]}});
        ask("POST", LIST, auth, &body.to_string()).await;
    }
    ask("POST", LIST, auth, &json!({"subscription": {"event_types": ["chat"]}}).to_string()).await;
    // The query.
    ask("GET", &format!("{LIST}?show_authentication=1"), auth, "").await;
    ask("GET", &format!("{one}?show_authentication="), auth, "").await;
    ask("POST", &format!("{one}/unpause?show_authentication=maybe"), auth, "").await;
    insta::assert_snapshot!(lines.join("\n"));
    let types: Vec<_> = (0..41).map(|n| format!("t{n}")).collect();
    let types: Vec<_> = types.iter().map(String::as_str).collect();
    let refused = world.ask(&world.token, "POST", LIST, Some(&new("flip.example/x", &types))).await;
    assert_eq!(refused.json()["detail"], "At most 40 event types are allowed.");
    let (_, _) = registered(&world, &world.token, "flip.example/x", &types[..40]).await;
    let large = json!({"url": "x".repeat(300_000)});
    let refused = world.ask(&world.token, "POST", LIST, Some(&large)).await;
    assert_eq!((refused.status, &refused.json()["title"]), (413, &json!("Content Too Large")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_unpause_has_to_wait() {
    let world = World::new().await;
    let (one, _) = registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    let unpause = format!("{one}/unpause");
    assert_eq!(world.ask(&world.token, "POST", &unpause, None).await.status, 200);
    assert_eq!(world.ask(&world.token, "POST", &format!("{one}/pause"), None).await.status, 200);
    let refused = world.ask(&world.token, "POST", &unpause, None).await;
    let wait = refused.headers["retry-after"].to_str().unwrap();
    assert!((1..=10).contains(&wait.parse::<u64>().unwrap()), "{wait}");
    assert_eq!(
        shown(&refused).replace(wait, "[wait]"),
        r#"429 {"status":429,"title":"Too Many Requests","detail":"The webhook was unpaused a moment ago. Try again in [wait] s."}"#
    );
    assert_eq!(world.ask(&world.token, "GET", &one, None).await.json()["status"], "PAUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let (one, _) = registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    let none = || [json!({}), json!({})];
    let bodies = [new("flip.example/a", &["chat", "hr"]), new("flip.example/b", &["chat"])];
    let steps = vec![
        ("POST", LIST.to_owned(), bodies, 4, 3),
        ("GET", LIST.to_owned(), none(), 3, 2),
        ("GET", one.clone(), none(), 1, 1),
        ("POST", format!("{one}/pause"), none(), 3, 2),
        ("POST", format!("{one}/unpause"), none(), 3, 2),
        ("DELETE", one.clone(), none(), 3, 2),
    ];
    insta::assert_snapshot!(spend(&world, &proxy, steps).await.replace(&one, "one"));
}
