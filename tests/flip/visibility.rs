//! Who sees which webhooks, and what the organization shares: its limit and its URLs.

use serde_json::json;
use shared::domain::Permission::{self, WebhookManagement};

use super::{LIST, new, registered};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_there_only_for_the_user_who_registered_it() {
    let world = World::new().await;
    let (ann, bob) = (world.user("ann", &[WebhookManagement]).await, world.user("bob", &[WebhookManagement]).await);
    let rival = world.organization("rival", 100).await;
    let stranger = world.user_of(&rival.id, "ann", &[WebhookManagement]).await;
    let (one, _) = registered(&world, &ann, "flip.example/ann", &["chat"]).await;
    let (other, _) = registered(&world, &bob, "flip.example/bob", &["chat"]).await;
    let missing = r#"404 {"status":404,"title":"Not Found","detail":"The webhook was not found.","error_code":"WEBHOOK_NOT_FOUND"}"#;
    for token in [&bob, &stranger, &world.token] {
        for (method, path) in [
            ("GET", one.clone()),
            ("GET", format!("{one}?show_authentication=true")),
            ("POST", format!("{one}/pause")),
            ("POST", format!("{one}/unpause")),
            ("DELETE", one.clone()),
        ] {
            assert_eq!(world.ask(token, method, &path, None).await.shown(), missing, "{method} {path}");
        }
    }
    // A second token of the same user is the same user.
    let again = world.user("ann", &[WebhookManagement]).await;
    assert_eq!(world.ask(&again, "GET", &one, None).await.json()["status"], "ACTIVE");
    let listed = async |token: &str| {
        let list = world.ask(token, "GET", LIST, None).await.json();
        list["webhooks"].as_array().unwrap().iter().map(|w| w["url"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&ann).await, ["https://flip.example/ann"]);
    assert_eq!(listed(&bob).await, ["https://flip.example/bob"]);
    assert!(listed(&stranger).await.is_empty() && listed(&world.token).await.is_empty());
    assert_eq!(world.ask(&bob, "DELETE", &other, None).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_management_is_what_it_takes_and_nothing_else_will_do() {
    let world = World::new().await;
    let others: Vec<_> = Permission::ALL.iter().copied().filter(|other| *other != WebhookManagement).collect();
    let (may, may_not) = (world.user("ann", &[WebhookManagement]).await, world.user("ann", &others).await);
    let (one, _) = registered(&world, &may, "flip.example/hook", &["chat"]).await;
    let body = new("flip.example/other", &["chat"]);
    for (method, path, body, status) in [
        ("GET", LIST.to_owned(), None, 200),
        ("POST", LIST.to_owned(), Some(&body), 201),
        ("GET", one.clone(), None, 200),
        ("POST", format!("{one}/pause"), None, 200),
        ("POST", format!("{one}/unpause"), None, 200),
        ("DELETE", one.clone(), None, 200),
    ] {
        assert_eq!(world.ask(&may_not, method, &path, body).await.status, 403, "{method} {path}");
        assert_eq!(world.ask(&may, method, &path, body).await.status, status, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_in_the_order_of_registration() {
    let world = World::new().await;
    let names: Vec<_> = (0..5).map(|n| format!("https://flip.example/{n}")).collect();
    for name in &names {
        registered(&world, &world.token, name.strip_prefix("https://").unwrap(), &["chat"]).await;
    }
    let list = world.ask(&world.token, "GET", LIST, None).await.json();
    let urls: Vec<_> = list["webhooks"].as_array().unwrap().iter().map(|webhook| webhook["url"].clone()).collect();
    assert_eq!(json!(urls), json!(names));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_the_organizations() {
    let world = World::new().await;
    let small = world.organization("small", 2).await;
    let ann = world.user_of(&small.id, "ann", &[WebhookManagement]).await;
    let bob = world.user_of(&small.id, "bob", &[WebhookManagement]).await;
    let (one, _) = registered(&world, &ann, "flip.example/1", &["chat"]).await;
    registered(&world, &bob, "flip.example/2", &["chat"]).await;
    let third = world.ask(&bob, "POST", LIST, Some(&new("flip.example/3", &["chat"]))).await;
    insta::assert_snapshot!(third.shown());
    // Of several errors the first that the documents list.
    let both = world.ask(&bob, "POST", LIST, Some(&new("flip.example/1", &["chat"]))).await;
    assert_eq!(both.json()["error_code"], "TOO_MANY_WEBHOOKS_REGISTERED");
    assert_eq!(world.ask(&ann, "DELETE", &one, None).await.status, 200);
    registered(&world, &bob, "flip.example/3", &["chat"]).await;
    // Others have their own.
    registered(&world, &world.token, "flip.example/1", &["chat"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_webhooks_of_an_organization_have_two_urls() {
    let world = World::new().await;
    let bob = world.user("bob", &[WebhookManagement]).await;
    let rival = world.organization("rival", 100).await;
    let stranger = world.user_of(&rival.id, "ann", &[WebhookManagement]).await;
    let (one, _) = registered(&world, &world.token, "flip.example/hook", &["chat"]).await;
    let refused = world.ask(&world.token, "POST", LIST, Some(&new("flip.example/hook", &["hr"]))).await;
    insta::assert_snapshot!(refused.shown());
    for spelling in ["flip.example/hook", "FLIP.example/hook", "flip.example:443/hook", "flip.example/x/../hook"] {
        let refused = world.ask(&bob, "POST", LIST, Some(&new(spelling, &["chat"]))).await;
        assert_eq!((refused.status, &refused.json()["error_code"]), (409, &json!("DUPLICATE_URL")), "{spelling}");
    }
    registered(&world, &bob, "flip.example/hook?x=1", &["chat"]).await;
    registered(&world, &stranger, "flip.example/hook", &["chat"]).await;
    assert_eq!(world.ask(&world.token, "DELETE", &one, None).await.status, 200);
    registered(&world, &bob, "flip.example/hook", &["chat"]).await;
}
