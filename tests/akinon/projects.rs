//! Organizations and projects in the path: whose webhooks are seen, and whose are as if they were not there.

use serde_json::{Value, json};
use shared::domain::Permission::{WebhooksList, WebhooksRead, WebhooksWrite};

use super::{OTHER, PROJECT, created, list, new};
use crate::support::World;

const MISSING: &str = r#"404 {"statusCode":404,"error":"Not Found","message":"not found"}"#;

/// Every way to reach the webhook at that path.
async fn missing_everywhere(world: &World, token: &str, one: &str) {
    for (method, body) in [
        ("GET", None),
        ("PATCH", Some(json!({"name": "theirs"}))),
        ("PATCH", Some(json!({"active": false}))),
        ("DELETE", None),
    ] {
        let reply = world.ask(token, method, one, body.as_ref()).await;
        assert_eq!(reply.shown(), MISSING, "{method} {one}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_project_has_none_of_this_ones_webhooks() {
    let world = World::new().await;
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    let before = world.ask(&world.token, "GET", &one, None).await.text;
    missing_everywhere(&world, &world.token, &one.replace(PROJECT, OTHER)).await;
    assert_eq!(world.ask(&world.token, "GET", &list(&world, OTHER), None).await.text, "[]");
    assert_eq!(world.ask(&world.token, "GET", &one, None).await.text, before);
    // Ids are hex digits in either case: the same project, the same webhook.
    let shouted = one.replace(PROJECT, &PROJECT.to_uppercase());
    assert_eq!(world.ask(&world.token, "GET", &shouted, None).await.text, before);
    let (start, id) = shouted.rsplit_once('/').unwrap();
    let shouted = format!("{start}/{}", id.to_uppercase());
    assert_eq!(world.ask(&world.token, "GET", &shouted, None).await.text, before);
    let (made, _) = created(&world, &PROJECT.to_uppercase(), &new("akinon.example/2", &["a"])).await;
    let listed = world.ask(&world.token, "GET", &list(&world, PROJECT), None).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(made.ends_with(listed[1]["_id"].as_str().unwrap()), "oldest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organization_is_as_if_it_were_not_there() {
    let world = World::new().await;
    let rival = world.organization("rival", 100).await;
    let stranger = world.user_of(&rival.id, "ann", &[WebhooksRead, WebhooksList, WebhooksWrite]).await;
    let (one, _) = created(&world, PROJECT, &new("akinon.example/hook", &["a"])).await;
    missing_everywhere(&world, &stranger, &one).await;
    let ours = list(&world, PROJECT);
    let nobodys = ours.replace(&world.stack.ready().akinon_organization, OTHER);
    let body = new("akinon.example/theirs", &["a"]);
    for path in [&ours, &nobodys] {
        assert_eq!(world.ask(&stranger, "GET", path, None).await.shown(), MISSING);
        assert_eq!(world.ask(&stranger, "POST", path, Some(&body)).await.shown(), MISSING);
    }
    // In their own organization the same project and webhook ids are theirs, and empty.
    let theirs = ours.replace(&world.stack.ready().akinon_organization, &rival.akinon_organization);
    assert_eq!(world.ask(&stranger, "GET", &theirs, None).await.text, "[]");
    let (_, id) = one.rsplit_once('/').unwrap();
    missing_everywhere(&world, &stranger, &format!("{theirs}/{id}")).await;
    assert_eq!(world.ask(&stranger, "POST", &theirs, Some(&body)).await.status, 201);
    let listed: Value = world.ask(&world.token, "GET", &ours, None).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}
