//! What a month costs.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use serde_json::Value;

use super::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_shown_with_its_sum() {
    let shop = Shop::new().await;
    let wanted = ["cost", "--events-per-day", "100_000", "--webhooks-per-event", "3", "--slow-share", "2%", "--traces"];
    insta::assert_snapshot!("cost", shop.both(&wanted).await);
    let wide = ["cost", "--events-per-day", "1000", "--webhooks-per-event", "500", "--json"];
    let wide: Value = serde_json::from_str(&shop.says(&wide).await.1).unwrap();
    let lines = wide["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["what"] == "spread: more than 25 webhooks an event"), "{wide}");
    let sum: f64 = lines.iter().map(|line| line["dollars"].as_f64().unwrap()).sum();
    assert!((sum - wide["total"].as_f64().unwrap()).abs() < 1e-9);
    assert_eq!(shop.says(&["cost", "--events-per-day", "many"]).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_takes_the_write_units_that_the_sum_says() {
    let shop = Shop::new().await;
    let webhook = shop.webhook(shared::domain::Api::Akinon, "665f1c2ab7e9d0a1b2c3d4e6", "n").await;
    for kilobytes in [0.5_f64, 1.0, 3.0] {
        let event = shop.pending(&webhook, 1, kilobytes.to_bits().into()).await;
        let found = shop.world.scan("EventsTable").await;
        let mut item = found.into_iter().find(|item| item["sk"].as_s().unwrap() == &event.id.to_string()).unwrap();
        let data = format!("{{\"x\":\"{}\"}}", "x".repeat((kilobytes * 1024.0) as usize - 8));
        item.insert("data".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(data));
        let sk = shared::domain::EventId::new(event.id.time(), 77 + kilobytes.to_bits() as u128).to_string();
        item.insert("sk".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(sk));
        let put = shop.world.stack.database().put_item().table_name("EventsTable").set_item(Some(item));
        let reply = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
        let units = reply.consumed_capacity.unwrap().capacity_units.unwrap();
        assert_eq!(units, admin::cost::units::event_writes(kilobytes), "{kilobytes} KB");
    }
}
