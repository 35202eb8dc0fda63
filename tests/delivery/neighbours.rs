//! What one webhook or one organization has to wait for delays nobody else: with the real binaries, on the local stack.
//!
//! Each case compares a delivery in the thick of it with one in quiet, of the same run, by order of magnitude.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::domain::Permission;

use crate::support::World;

/// A delivery may take so many times what it takes in quiet.
const FACTOR: u32 = 10;

/// What is quicker than this counts as this: below, one measures the machine.
const FLOOR: Duration = Duration::from_millis(100);

/// Who has waited for so long knows enough.
const PATIENCE: Duration = Duration::from_secs(30);

/// Registers a webhook that delivers events of that type to `https://<receiver>`, and gives its path.
async fn registered(world: &World, token: &str, receiver: &str, event_type: &str) -> String {
    let body = json!({"url": format!("https://{receiver}"), "subscription": {"event_types": [event_type]}});
    let made = world.ask(token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    format!("/api/webhooks/v4/webhooks/{}", made.json()["id"].as_str().unwrap())
}

async fn publish(world: &World, token: &str, event_type: &str, data: &Value) {
    let body = json!({"type": event_type, "data": data});
    let made = world.call_as(token, "POST", "/events", Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// How long the `nth` event for that receiver takes, from publishing to arrival; or until nobody would wait any more.
async fn delivery(world: &World, token: &str, receiver: &str, event_type: &str, nth: usize) -> Duration {
    let (start, path) = (Instant::now(), format!("/{receiver}"));
    publish(world, token, event_type, &json!({"nth": nth})).await;
    while start.elapsed() < PATIENCE {
        if world.messages().await.iter().filter(|message| message["path"] == path.as_str()).count() >= nth {
            break;
        }
    }
    start.elapsed()
}

/// What a delivery takes when nothing else happens: the slowest of three, once everything has started.
async fn quiet(world: &World, token: &str, receiver: &str, event_type: &str) -> Duration {
    let mut slowest = FLOOR;
    for nth in 1..=4 {
        let took = delivery(world, token, receiver, event_type, nth).await;
        if nth > 1 {
            slowest = slowest.max(took);
        }
    }
    slowest
}

/// In the thick of it: the slowest of three.
async fn thick(world: &World, token: &str, receiver: &str, event_type: &str) -> Duration {
    let mut slowest = Duration::ZERO;
    for nth in 5..=7 {
        slowest = slowest.max(delivery(world, token, receiver, event_type, nth).await);
    }
    slowest
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_asks_for_time_delays_no_other_webhook() {
    let world = World::with(|_| {}).await;
    let limited = json!({"status": 429, "headers": {"Retry-After": "20"}});
    world.receiver("limited.example/hook", &limited).await;
    registered(&world, &world.token, "limited.example/hook", "limited").await;
    registered(&world, &world.token, "other.example/hook", "other").await;
    let quiet = quiet(&world, &world.token, "other.example/hook", "other").await;
    // Ten a second or more: each as soon as the one before is accepted.
    for number in 0..100 {
        publish(&world, &world.token, "limited", &json!({"number": number})).await;
    }
    world.received("limited.example/hook", 1).await;
    let thick = async { thick(&world, &world.token, "other.example/hook", "other").await };
    let more = async {
        for number in 100..200 {
            publish(&world, &world.token, "limited", &json!({"number": number})).await;
        }
    };
    let (thick, ()) = tokio::join!(thick, more);
    assert!(thick <= quiet * FACTOR, "{thick:?} beside an endpoint that asks for time, {quiet:?} in quiet");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_with_many_webhooks_delays_no_other() {
    let world = World::with(|_| {}).await;
    let crowd = world.organization("crowd", 1_000).await.id;
    let token = world.user_of(&crowd, "admin", Permission::ALL).await;
    registered(&world, &world.token, "other.example/hook", "other").await;
    let quiet = quiet(&world, &world.token, "other.example/hook", "other").await;
    for number in 0..600 {
        let path = registered(&world, &token, &format!("crowd.example/{number}"), "crowded").await;
        let paused = world.ask(&token, "POST", &format!("{path}/pause"), None).await;
        assert_eq!(paused.status, 200, "{}", paused.text);
    }
    for number in 0..30 {
        publish(&world, &token, "crowded", &json!({"number": number})).await;
    }
    let thick = thick(&world, &world.token, "other.example/hook", "other").await;
    assert!(thick <= quiet * FACTOR, "{thick:?} beside an organization with many webhooks, {quiet:?} in quiet");
}
