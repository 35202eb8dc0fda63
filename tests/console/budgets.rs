//! What a page costs: calls to DynamoDB, and bytes.

use serde_json::json;

use super::{Browser, found, webhook_that_gets};
use crate::support::{Proxy, counted};

/// The most calls of one page.
const CALLS: usize = 5;

/// The most bytes of a page with its style and script.
const BYTES: usize = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_takes_at_most_five_calls_and_30_kb() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let webhook = webhook_that_gets(&world, "X", 200).await;
    let mut last = String::new();
    for number in 0..25 {
        last = world.publish(&number.to_string()).await;
    }
    let delivered = format!("/operations/webhooks/{webhook}/deliveries/{last}");
    world.eventually(&delivered, |delivery| delivery["state"] == "delivered").await;
    world.behave("X", &json!({"status": 400, "body": "invalid_blocks"})).await;
    let last = &world.publish("last").await;
    let delivery = format!("/webhooks/{webhook}/deliveries/{last}");
    world.eventually(&format!("/operations{delivery}"), |delivery| delivery["state"] == "diverted").await;
    for number in 0..22 {
        let body = json!({"kind": "webhook", "name": format!("target {number}"), "url": "https://t.example/x"});
        assert_eq!(world.call("POST", "/operations/notifications", Some(&body)).await.status, 201);
    }
    let target = world.call("GET", "/operations/notifications", None).await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let browser = Browser::enter(&world).await;
    let style = found(&browser.page("").await, r#"href="/console(/assets/[0-9a-f]+\.css)""#);
    let script = found(&browser.page("").await, r#"src="/console(/assets/[0-9a-f]+\.js)""#);
    let shared = browser.page(&style).await.len() + browser.page(&script).await.len();
    let mut table = vec![format!("style and script: {} KB", shared.div_ceil(1_000))];
    for path in [
        String::new(),
        "/webhooks".to_owned(),
        "/webhooks?state=suspended&q=nothing".to_owned(),
        format!("/webhooks/{webhook}"),
        format!("/webhooks/{webhook}?state=diverted"),
        format!("/webhooks/{webhook}?state=delivered&type=x&status=200"),
        format!("/webhooks/{webhook}/resend?state=diverted"),
        format!("/webhooks/operations:{target}/rotate-secret"),
        delivery,
        "/events".to_owned(),
        "/events?project=11&type=CreatedProjectActivity".to_owned(),
        format!("/events/{last}"),
        "/notifications".to_owned(),
        format!("/notifications/{target}"),
        "/webhooks/new".to_owned(),
        "/webhooks/new?api=flip".to_owned(),
    ] {
        // Each page is asked for from a cold function.
        world.stack.kill_functions().await;
        proxy.take();
        let page = browser.page(&path).await;
        let calls = proxy.take();
        assert!(calls.len() <= CALLS, "{path}: {calls:?}");
        assert!(page.len() + shared <= BYTES, "{path}: {} bytes", page.len() + shared);
        let path = path.replace(last.as_str(), "[event]").replace(&target, "[target]");
        table.push(format!("{path} {calls:?}"));
    }
    insta::assert_snapshot!(table.join("\n"));
}
