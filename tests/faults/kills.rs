//! `kill -9` of the real binaries, at ten moments between the stream and the endpoint.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::support::{Proxy, World, counted, until};

/// Runs an event into the trap, kills every function there, lets what they held run out, and looks whether the event arrives.
async fn killed_at(function: &str, operation: &'static str, nth: usize, done: bool) {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    world.subscribed("X").await;
    let trap = proxy.hold(function, operation, nth, done);
    world.publish("survives").await;
    let go = trap.await.unwrap();
    assert!(world.stack.kill_functions().await > 0);
    let _ = go.send(());
    arrives(&world, &format!("{function} {operation} {nth} {done}")).await;
}

/// Ticks until the event has arrived and nothing is pending or due.
async fn arrives(world: &World, shown: &str) {
    for _ in 0..600 {
        expire_leases(world).await;
        world.tick().await;
        let items = world.scan("DeliveriesTable").await;
        let state =
            |wanted: &str| items.iter().any(|item| item.get("state") == Some(&AttributeValue::S(wanted.into())));
        if state("delivered") && !items.iter().any(|item| item.contains_key("due_at")) {
            let messages = world.accepted("X", 1).await;
            assert!(messages.len() <= 2 && messages.iter().all(|message| message.contains("survives")), "{shown}");
            return;
        }
    }
    panic!("{shown}: lost; logs:\n{}", world.logs().join("\n"));
}

/// Thirty seconds in which nobody renews a lease: whoever held one is dead.
async fn expire_leases(world: &World) {
    for item in world.scan("DeliveriesTable").await {
        if item.contains_key("lease") {
            let update = world.stack.database().update_item().table_name("DeliveriesTable");
            let update = update.key("pk", item["pk"].clone()).key("sk", item["sk"].clone());
            let update = update.update_expression("SET lease_until = :past, due_at = :past");
            let update = update.condition_expression("attribute_exists(lease) AND attribute_exists(due_at)");
            let past = AttributeValue::N("0".to_owned());
            let _ = update.expression_attribute_values(":past", past).send().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fan_out_killed_before_it_puts_the_delivery() {
    killed_at("FanOut", "PutItem", 1, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fan_out_killed_between_the_delivery_and_the_touch() {
    killed_at("FanOut", "PutItem", 1, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fan_out_killed_between_the_touch_and_the_wake() {
    killed_at("FanOut", "UpdateItem", 1, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_before_it_has_the_lease() {
    killed_at("Drain", "UpdateItem", 1, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_with_the_lease_taken() {
    killed_at("Drain", "UpdateItem", 1, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_while_it_reads_the_queue() {
    killed_at("Drain", "Query", 1, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_between_the_message_and_its_record() {
    killed_at("Drain", "UpdateItem", 2, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_once_the_message_is_recorded() {
    killed_at("Drain", "UpdateItem", 2, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_before_it_releases_the_queue() {
    killed_at("Drain", "UpdateItem", 4, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_killed_while_the_endpoint_makes_it_wait() {
    let world = World::new().await;
    world.subscribed("X").await;
    world.behave("X", &json!({"status": 200, "delay_ms": 60_000, "times": 1})).await;
    world.publish("survives").await;
    let leased = async || world.scan("DeliveriesTable").await.iter().any(|item| item.contains_key("lease"));
    until("the lease", leased).await;
    assert!(world.stack.kill_functions().await > 0);
    arrives(&world, "while sending").await;
}
