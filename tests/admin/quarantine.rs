//! Records that fan-out could not process.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::domain::Api;

use super::shop::Shop;

/// A shop with one webhook, and the events of three records: the first is not an event yet, the second was put in order
/// since, and the third does not exist any more.
async fn shop() -> (Shop, String) {
    let shop = Shop::new().await;
    let webhook = shop.webhook(Api::Flip, "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", "Orders").await;
    for number in 1..4 {
        let id = Shop::event_id(60, number);
        let partition = shared::store::event_partition(&shop.id, id, 4);
        let keys = json!({"pk": {"S": partition}, "sk": {"S": id.to_string()}});
        let record = json!({"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": number.to_string()}});
        shop.at(50);
        shop.store.quarantine(&number.to_string(), "`type` is missing", &record.to_string()).await.unwrap();
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut item = HashMap::from([
            ("pk".to_owned(), text(&partition)),
            ("sk".to_owned(), text(&id.to_string())),
            ("organization".to_owned(), text("shop")),
            ("time".to_owned(), AttributeValue::N("1795777200000".to_owned())),
            ("data".to_owned(), text("{}")),
        ]);
        if number == 2 {
            item.insert("type".to_owned(), text("order.placed"));
        }
        if number < 3 {
            let put = shop.world.stack.database().put_item().table_name("EventsTable").set_item(Some(item));
            put.send().await.unwrap();
        }
    }
    shop.at(0);
    (shop, webhook.key.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_put_in_order_is_queued_and_the_others_stay_with_the_reason() {
    let (shop, webhook) = shop().await;
    insta::assert_snapshot!("quarantine", shop.both(&["quarantine", "list"]).await);
    insta::assert_snapshot!("retried", shop.says(&["quarantine", "retry", "--all"]).await.1);
    let (_, deliveries) = shop.says(&["deliveries", &webhook, "--organization", "shop"]).await;
    assert!(deliveries.contains(&Shop::event_id(60, 2).to_string()) && deliveries.contains("pending"), "{deliveries}");
    let (code, said) = shop.says(&["quarantine", "retry", "2"]).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("no record 2 is quarantined"), "{said}");
    let (code, json) = shop.says(&["quarantine", "delete", "3", "--json"]).await;
    assert_eq!((code, json.as_str()), (0, "{\"deleted\":\"3\"}\n"));
    assert_eq!(shop.says(&["quarantine", "delete", "3"]).await.0, 2);
    let (_, listed) = shop.says(&["quarantine", "list"]).await;
    assert_eq!(listed.lines().count(), 2, "{listed}");
}
