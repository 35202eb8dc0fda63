//! Every endpoint, field, status and error, as full responses.

use serde_json::{Value, json};
use shared::domain::Permission::{self, WebhooksList, WebhooksRead, WebhooksWrite};

use super::{OTHER, PROJECT, created, list, new};
use crate::support::{Proxy, Reply, World, counted, spend};

/// A reply with the headers that matter.
fn shown(reply: &Reply) -> String {
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
    let list = list(&world, PROJECT);
    let mut lines = Vec::new();
    let mut ask = async |method: &str, path: &str, name: &str, body: Option<Value>| {
        let reply = world.ask(&world.token, method, path, body.as_ref()).await;
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        lines.push(format!("{method} {name} {body}\n  {}", shown(&reply)));
        reply.json()
    };
    ask("GET", &list, "list", None).await;
    let full = json!({"name": "<name>", "url": "https://akinon.example/hook?tenant=1", "active": true,
        "headers": {"X-Api-Key": "key", "Authorization": "Bearer receiver"}, "events": ["deployment.build.created"]});
    let made = ask("POST", &list, "list", Some(full)).await;
    assert_eq!(made["createdAt"], made["updatedAt"]);
    let one = format!("{list}/{}", made["_id"].as_str().unwrap());
    ask("POST", &format!("{list}/"), "list/", Some(new("akinon.example/hook", &[]))).await;
    ask("GET", &list, "list", None).await;
    ask("GET", &one, "one", None).await;
    ask("HEAD", &one, "one", None).await;
    ask("HEAD", &list, "list", None).await;
    ask("PATCH", &one, "one", Some(json!({}))).await;
    let renamed = ask("PATCH", &one, "one", Some(json!({"name": "renamed"}))).await;
    assert!(renamed["updatedAt"].as_str() > renamed["createdAt"].as_str());
    ask("PATCH", &one, "one", Some(json!({"active": false}))).await;
    ask("PATCH", &one, "one", Some(json!({"headers": {"x-other": "1"}, "events": ["a", "b.c", "a"]}))).await;
    ask("PATCH", &one, "one/", Some(json!({"headers": {}, "events": [], "url": "https://akinon.example/"}))).await;
    ask("DELETE", &one, "one", None).await;
    ask("DELETE", &one, "one", None).await;
    ask("GET", &one, "one", None).await;
    ask("PATCH", &one, "one", Some(json!({"name": "n"}))).await;
    ask("PATCH", &one, "one", Some(json!({"active": true}))).await;
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_the_one_shape() {
    let world = World::new().await;
    let list = list(&world, PROJECT);
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    let organization = world.stack.ready().akinon_organization.clone();
    let bearer = format!("Bearer {}", world.token);
    let token = format!("Token {}", world.token);
    let mut lines = Vec::new();
    let mut ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let reply = world.raw(method, path, headers, body).await;
        let path = path.replace(&one, "one").replace(&list, "list").replace(&organization, "organization");
        lines.push(format!("{method} {path} {body}\n  {}", shown(&reply)));
    };
    let auth: &[_] = &[("Authorization", bearer.as_str())];
    ask("GET", &list, &[], "").await;
    ask("GET", &list, &[("Authorization", &token)], "").await;
    ask("GET", &list, &[("Authorization", "Bearer nope")], "").await;
    ask("GET", &list, &[("x-access-token", "nope")], "").await;
    ask("GET", &list, &[("Authorization", "Basic YTpi"), ("x-access-token", &world.token)], "").await;
    ask("GET", &list, &[("x-access-token", &world.token)], "").await;
    // Methods and paths that there are not.
    ask("PUT", &one, auth, "{}").await;
    ask("PATCH", &list, auth, "{}").await;
    ask("OPTIONS", &one, auth, "").await;
    ask("OPTIONS", &list, &[], "").await;
    ask("GET", &format!("{one}/deliveries"), auth, "").await;
    ask("GET", "/organizations/", &[], "").await;
    ask("GET", &format!("{list}/1"), auth, "").await;
    ask("GET", &format!("{list}/{OTHER}"), auth, "").await;
    ask("DELETE", &format!("{list}/{OTHER}"), auth, "").await;
    ask("PATCH", &format!("{list}/{OTHER}"), auth, r#"{"name":"n"}"#).await;
    ask("PATCH", &format!("{list}/{OTHER}"), auth, r#"{"events":[]}"#).await;
    ask("GET", &list.replace(PROJECT, "11"), auth, "").await;
    // Bodies.
    ask("POST", &list, auth, "").await;
    ask("POST", &list, auth, "{").await;
    ask("POST", &list, auth, "[]").await;
    ask("POST", &list, &[("Authorization", &bearer), ("Content-Type", "text/plain")], "{}").await;
    let wrong = json!({"name": 1, "url": null, "headers": null, "active": "true", "events": "a"}).to_string();
    ask("POST", &list, auth, &wrong).await;
    ask("PATCH", &one, auth, &wrong).await;
    ask("PATCH", &one, auth, &json!({"name": "", "url": "akinon", "events": [""]}).to_string()).await;
    ask("PATCH", &one, auth, &json!({"url": "http://akinon.example"}).to_string()).await;
    ask("PATCH", &one, auth, &json!({"url": "https://169.254.169.254/latest"}).to_string()).await;
    for headers in [
        json!({"bad name": "x"}),
        json!({"": "x"}),
        json!({"X": "a\r\nHost: evil"}),
        json!({"X": "é"}),
        json!({"X": 1}),
        json!({"X": ["a", "b"]}),
    ] {
        ask("PATCH", &one, auth, &json!({"headers": headers}).to_string()).await;
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused() {
    let world = World::new().await;
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    let before = world.ask(&world.token, "GET", &one, None).await.text;
    let patch = async |body: Value| {
        let reply = world.ask(&world.token, "PATCH", &one, Some(&body)).await;
        (reply.status, reply.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(patch(json!({"headers": {"X": "y".repeat(1 << 20)}})).await.0, 413);
    let refused = |message: &str| (400, message.to_owned());
    assert_eq!(patch(json!({"headers": {"X": "y".repeat(7_000)}})).await, refused("the headers are larger than 6 KB"));
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("X-{n}"), json!("y"))).collect();
    assert_eq!(patch(json!({"headers": many})).await, refused("there are more than 50 headers"));
    let types = |count: usize| (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>();
    assert_eq!(patch(json!({"events": types(41)})).await, refused("at most 40 event types are allowed"));
    let name = refused("name must have 1 to 255 characters and not be blank");
    assert_eq!(patch(json!({"name": "é".repeat(256)})).await, name);
    assert_eq!(world.ask(&world.token, "GET", &one, None).await.text, before, "what is refused changes nothing");
    assert_eq!(patch(json!({"name": "é".repeat(255), "events": types(40)})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_needs_its_permission_and_no_other() {
    let world = World::new().await;
    let list = list(&world, PROJECT);
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    let body = new("akinon.example/other", &["a"]);
    let routes = [
        ("GET", &list, None, WebhooksList, 200),
        ("GET", &one, None, WebhooksRead, 200),
        ("POST", &list, Some(&body), WebhooksWrite, 201),
        ("PATCH", &one, Some(&body), WebhooksWrite, 200),
        ("DELETE", &one, None, WebhooksWrite, 204),
    ];
    for (method, path, body, permission, status) in routes {
        let others: Vec<_> = Permission::ALL.iter().copied().filter(|other| *other != permission).collect();
        let refused = world.ask(&world.user("ann", &others).await, method, path, body).await;
        let wanted = format!(
            r#"403 {{"statusCode":403,"error":"Forbidden","message":"the permission {} is required"}}"#,
            permission.as_str()
        );
        assert_eq!(refused.shown(), wanted, "{method}");
        let allowed = world.ask(&world.user("bob", &[permission]).await, method, path, body).await;
        assert_eq!(allowed.status, status, "{method} {}", allowed.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let list = list(&world, PROJECT);
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    let none = || [json!({}), json!({})];
    let both = |one: Value, other: Value| [one, other];
    let steps = vec![
        ("POST", list.clone(), both(new("akinon.example/a", &["a", "b"]), new("akinon.example/b", &[])), 4, 3),
        ("GET", list.clone(), none(), 3, 2),
        ("GET", one.clone(), none(), 1, 1),
        ("PATCH", one.clone(), both(json!({"name": "a"}), json!({"name": "b"})), 2, 1),
        ("PATCH", one.clone(), both(json!({"events": ["b"]}), json!({"active": false})), 3, 2),
        ("DELETE", one.clone(), none(), 3, 2),
    ];
    insta::assert_snapshot!(spend(&world, &proxy, steps).await.replace(&one, "one").replace(&list, "list"));
}
