//! What replies lead to, with the real binaries.

use serde_json::{Value, json};

use crate::support::{World, until};

async fn queue(world: &World) -> std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue> {
    let items = world.scan("DeliveriesTable").await;
    items.into_iter().find(|item| item["sk"].as_s().unwrap() == "QUEUE").unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_endpoint_is_tried_again_and_then_gets_everything() {
    let world = World::new().await;
    world.behave("X", &json!({"status": 503, "times": 1})).await;
    world.subscribed("X").await;
    world.publish("patience").await;
    // The first wait of the schedule, about five seconds, is waited out in place.
    assert!(world.accepted("X", 1).await[0].contains("patience"));
    let statuses: Vec<_> = world.messages().await.iter().map(|message| message["status"].clone()).collect();
    assert_eq!(statuses, [503, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_suspends_its_webhook_and_keeps_the_queue() {
    let world = World::new().await;
    world.behave("X", &json!({"status": 404, "body": "no_service T00000000/B00000000/X"})).await;
    let id = world.subscribed("X").await;
    world.publish("kept").await;
    until("the suspension", async || queue(&world).await.contains_key("held")).await;
    let queue = queue(&world).await;
    assert_eq!(queue["held"].as_s().unwrap(), "suspended");
    assert!(!queue.contains_key("due_at") && !queue.contains_key("lease"), "{queue:?}");
    // A tick finds nothing to do; a new URL lifts the suspension and brings what was kept.
    world.tick().await;
    let url = json!({"url": crate::support::slack_url("Y")});
    assert_eq!(world.call("PATCH", &format!("/api/v2/webhooks/{id}/"), Some(&url)).await.status, 200);
    assert!(world.accepted("Y", 1).await[0].contains("kept"));
    assert!(!world.logs().iter().any(|line| line.contains("T00000000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_cannot_be_read_is_an_error_of_the_function() {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let world = World::new().await;
    let id = world.subscribed("X").await;
    assert_eq!(world.call("POST", &format!("/api/v2/webhooks/{id}/pause/"), None).await.status, 200);
    world.publish("kept").await;
    until("the queue", async || queue(&world).await.contains_key("touched")).await;
    let pk = queue(&world).await["pk"].clone();
    let broken = world.stack.database().put_item().table_name(world.stack.table("DeliveriesTable"));
    let broken = broken.item("pk", pk.clone()).item("sk", S("01JQNH7XR0000000000000000B".to_owned()));
    broken.item("state", S("pending".to_owned())).send().await.unwrap();
    let lower = world.stack.database().update_item().table_name(world.stack.table("DeliveriesTable"));
    let lower = lower.key("pk", pk.clone()).key("sk", S("QUEUE".to_owned())).update_expression("REMOVE head, held");
    lower.send().await.unwrap();
    let failure = world.stack.invoke("Drain", &json!({"wake": [pk.as_s().unwrap()]})).await.unwrap_err();
    assert!(failure.contains("1 queues could not be drained"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_arrives_as_digests_in_order_and_no_faster_than_slack_allows() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    let action = |name: &str| format!("/api/v2/webhooks/{id}/{name}/");
    // Paused, since order is that of what is queued: an event whose shard of the stream is late comes after its successors.
    assert_eq!(world.call("POST", &action("pause"), None).await.status, 200);
    let ids: Vec<u32> = (0..45).collect();
    for number in &ids {
        world.publish(&format!("project-{number:02}.")).await;
    }
    let status = action("status");
    until("45 events", async || world.call("GET", &status, None).await.json()["queued"] == 45).await;
    assert_eq!(world.call("POST", &action("unpause"), None).await.status, 200);
    let projects: Vec<_> = ids.iter().map(|number| format!("project-{number:02}.")).collect();
    world.shown("X", &projects.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let messages = world.messages().await;
    assert!(messages.iter().all(|message| message["status"] == 200), "Slack never had to refuse");
    let mut seen = Vec::new();
    for message in &messages {
        let body: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
        let text = body["text"].as_str().unwrap();
        seen.extend(text.match_indices("project-").map(|(at, _)| text[at + 8..at + 10].parse::<u32>().unwrap()));
    }
    seen.dedup();
    assert_eq!(seen, ids, "each once and in order");
}
