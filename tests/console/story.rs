//! A webhook breaks; its owner finds out why, puts it right and resends.

use serde_json::{Value, json};

use super::{Browser, found, webhook_that_gets};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_breaks_and_its_owner_finds_out_why_within_two_clicks() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 404).await;
    let event = world.publish("Checkout").await;
    let path = format!("/operations/webhooks/{webhook}");
    world.eventually(&path, |webhook| webhook["state"] == "suspended").await;
    let browser = Browser::enter(&world).await;
    // The first page says it already.
    let first = browser.page("").await;
    assert!(first.contains("HTTP 404: no_service"), "{first}");
    let link = found(&first, r#"<ul class="trouble"><li><a class="name" href="/console([^"]+)""#);
    // One click: the webhook; two: the delivery.
    let page = browser.page(&link).await;
    assert!(page.contains("Put the endpoint right, send a test, then Resume."));
    let link = found(&page, r#"href="/console(/webhooks/[^"]+/deliveries/[^"]+)""#);
    let delivery = browser.page(&link).await;
    assert!(delivery.contains("<b>HTTP 404</b>") && delivery.contains("no_service") && delivery.contains("slack-"));
    // The endpoint is put right: a test shows it, then delivery goes on.
    world.behave("X", &json!({"status": 200, "body": "ok"})).await;
    let test = browser.post(&format!("/webhooks/{webhook}/test"), &[]).await;
    assert_eq!(test.status, 200);
    assert!(test.text.contains(r#"<span class="state delivered">accepted</span>: <b>HTTP 200</b>"#), "{}", test.text);
    assert!(browser.done(&format!("/webhooks/{webhook}/unsuspend"), &[]).await.contains("Resumed."));
    world.eventually(&format!("{path}/deliveries/{event}"), |delivery| delivery["state"] == "delivered").await;
    let delivery = browser.page(&link).await;
    assert!(delivery.contains("The endpoint accepted it."));
    // And once more, because somebody missed it.
    assert!(browser.done(&format!("{link}/resend"), &[]).await.contains("The delivery is queued again."));
    let twice = |delivery: &Value| delivery["state"] == "delivered" && delivery["attempts"].as_u64() >= Some(3);
    world.eventually(&format!("{path}/deliveries/{event}"), twice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diverted_delivery_is_resent_in_a_span_or_deleted() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 400).await;
    let events = [world.publish("1").await, world.publish("2").await];
    let path = format!("/operations/webhooks/{webhook}/deliveries");
    for event in &events {
        world.eventually(&format!("{path}/{event}"), |delivery| delivery["state"] == "diverted").await;
    }
    let browser = Browser::enter(&world).await;
    let resend = format!("/webhooks/{webhook}/resend");
    assert!(browser.page(&format!("{resend}?state=diverted")).await.contains("<b>2</b> deliveries match."));
    assert!(browser.page(&format!("{resend}?state=delivered")).await.contains("nothing to resend"));
    assert!(browser.page(&format!("{resend}?state=diverted&after=x")).await.contains("must be an RFC 3339 date-time"));
    // Deleting asks first.
    let delete = format!("/webhooks/{webhook}/deliveries/{}/delete", events[0]);
    let asked = browser.post(&delete, &[]).await;
    assert!(asked.status == 200 && asked.text.contains("Delete this delivery?"), "{}", asked.text);
    assert_eq!(world.call("GET", &format!("{path}/{}", events[0]), None).await.json()["state"], "diverted");
    assert!(browser.done(&delete, &[("sure", "yes")]).await.contains("Deleted."));
    world.behave("X", &json!({"status": 200, "body": "ok"})).await;
    assert!(browser.done(&resend, &[("state", "diverted")]).await.contains("being queued again"));
    world.eventually(&format!("{path}/{}", events[1]), |delivery| delivery["state"] == "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_tells_where_it_went_and_a_test_event_is_published() {
    let world = World::new().await;
    let webhook = webhook_that_gets(&world, "X", 200).await;
    let event = world.publish("1").await;
    let path = format!("/operations/webhooks/{webhook}/deliveries/{event}");
    world.eventually(&path, |delivery| delivery["state"] == "delivered").await;
    let browser = Browser::enter(&world).await;
    let found_by_id = browser.get(&format!("/events?id=%20{}", event.to_lowercase())).await;
    assert_eq!(super::location(&found_by_id), format!("/console/events/{event}"));
    let page = browser.page(&format!("/events/{event}")).await;
    assert!(page.contains(&format!("/webhooks/{webhook}/deliveries/{event}")) && page.contains("delivered"));
    assert!(browser.page("/events").await.contains(&event));
    assert!(browser.page("/events?day=2020-02-29").await.contains("No event was accepted on this day."));
    assert_eq!(browser.get("/events?day=x").await.status, 400);
    assert_eq!(browser.get("/events?id=x").await.status, 400);
    let unknown = browser.get("/events/01JQNX4T2B0000000000000001").await;
    assert!(
        unknown.status == 404
            && unknown.text.contains("No event has this id")
            && unknown.text.contains("Notifications")
    );
    let published = browser.done("/events/test", &[]).await;
    assert!(published.contains("Published.") && published.contains("console.test") && published.contains("Nowhere."));
}
