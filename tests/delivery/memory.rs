//! What the delivery functions hold in memory is bounded, whatever the events are made of and however slow the endpoints are.
#![cfg(target_os = "linux")]

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue::{self, L, M, N, S};
use serde_json::json;
use shared::domain::EventId;

use crate::support::World;

/// What fan-out and spread may take, in bytes.
const QUEUEING: u64 = 128 << 20;

/// What drain may take, in bytes.
const SENDING: u64 = 256 << 20;

/// Data that is a map of tiny lists: some 240 KB as JSON, and many times that as a tree.
fn tiny_lists() -> AttributeValue {
    M(HashMap::from([("a".to_owned(), L(vec![L(Vec::new()); 80_000]))]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_batch_of_maps_of_tiny_lists_takes_fan_out_less_than_128_mb() {
    let world = World::with(|_| {}).await;
    let organization = &world.stack.ready().organization;
    let lists = vec![json!({"L": []}); 80_000];
    // As much as Lambda brings in one invocation: 6 MB.
    let records: Vec<_> = (0..7_u128)
        .map(|number| {
            let id = EventId::new(world.stack.store().clock().now(), number).to_string();
            let pk = format!("{organization}#20261126#0");
            let image = json!({
                "pk": {"S": pk}, "sk": {"S": id}, "organization": {"S": organization},
                "type": {"S": "CreatedProjectActivity"}, "time": {"N": "1743416100000"}, "data": {"M": {"a": {"L": lists}}},
            });
            json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": number.to_string(), "NewImage": image}})
        })
        .collect();
    let report = world.stack.invoke("FanOut", &json!({"Records": records})).await.unwrap();
    assert_eq!(report, json!({"batchItemFailures": []}));
    let peak = world.stack.own().peak_memory()["FanOut"];
    assert!(peak < QUEUEING, "{peak}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_slow_endpoints_with_large_events_take_drain_less_than_256_mb() {
    let world = World::with(|_| {}).await;
    let names: Vec<_> = (0..60).map(|number| format!("W{number}")).collect();
    for name in &names {
        world.subscribed(name).await;
        // All of them are under way at the same time.
        world.behave(name, &json!({"status": 200, "body": "ok", "delay_ms": 4_000, "times": 1})).await;
    }
    let organization = world.stack.ready().organization.clone();
    let now = world.stack.store().clock().now();
    let text = S(format!("{{\"text\":\"large\",\"a\":\"{}\"}}", "x".repeat(250_000)));
    for (number, data) in [text.clone(), text, tiny_lists()].into_iter().enumerate() {
        let id = EventId::new(now, u128::try_from(number).unwrap() * 4);
        let day = now.to_string()[..10].replace('-', "");
        let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
        put.item("pk", S(format!("{organization}#{day}#0")))
            .item("sk", S(id.to_string()))
            .item("organization", S(organization.clone()))
            .item("type", S("CreatedProjectActivity".to_owned()))
            .item("time", N(now.0.to_string()))
            .item("data", data)
            .send()
            .await
            .unwrap();
    }
    for name in &names {
        world.accepted(name, 1).await;
    }
    let peaks = world.stack.own().peak_memory();
    assert!(peaks["FanOut"] < QUEUEING && peaks["Spread"] < QUEUEING && peaks["Drain"] < SENDING, "{peaks:?}");
}
