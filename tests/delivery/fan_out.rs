//! The stream's function, given what a stream may give it.

use serde_json::{Value, json};

use crate::support::World;

fn record(organization: &str, id: &str, sequence: &str) -> Value {
    json!({
        "eventID": sequence, "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1743416100.0, "SequenceNumber": sequence, "SizeBytes": 10,
            "StreamViewType": "NEW_IMAGE",
            "Keys": {"pk": {"S": format!("{organization}#20250331#0")}, "sk": {"S": id}},
            "NewImage": {
                "pk": {"S": format!("{organization}#20250331#0")}, "sk": {"S": id}, "organization": {"S": organization},
                "type": {"S": "CreatedProjectActivity"}, "time": {"N": "1743416100000"}, "data": {"S": "{\"text\": \"once\"}"}
            }
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:0:table/EventsTable/stream/x"
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivered_record_causes_no_second_message() {
    use aws_sdk_dynamodb::types::AttributeValue::{N, S};
    let world = World::new().await;
    world.subscribed("X").await;
    let organization = world.stack.ready().organization.clone();
    let id = "01JQNH7XR0000000000000000A";
    let put = world.stack.database().put_item().table_name(world.stack.table("EventsTable"));
    let put = put.item("pk", S(format!("{organization}#20250331#0"))).item("sk", S(id.to_owned()));
    let put = put.item("organization", S(organization.clone())).item("type", S("CreatedProjectActivity".to_owned()));
    put.item("time", N("1743416100000".to_owned()))
        .item("data", S(r#"{"text": "once"}"#.to_owned()))
        .send()
        .await
        .unwrap();
    world.accepted("X", 1).await;
    let batch = json!({"Records": [record(&organization, id, "1"), record(&organization, id, "2")]});
    for _ in 0..2 {
        let report = world.stack.invoke("FanOut", &batch).await.unwrap();
        assert_eq!(report, json!({"batchItemFailures": []}));
    }
    world.publish("after").await;
    world.shown("X", &["after"]).await;
    let messages = world.accepted("X", 1).await;
    assert_eq!(messages.iter().filter(|message| message.contains("once")).count(), 1, "{messages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_can_never_be_processed_is_quarantined_and_holds_up_nobody() {
    let world = World::new().await;
    world.subscribed("X").await;
    let organization = &world.stack.ready().organization;
    let mut poison = record(organization, "01JQNH7XR0000000000000000B", "7");
    poison["dynamodb"]["NewImage"]["data"] = json!({"S": "no json"});
    let mut stranger = record(organization, "01JQNH7XR0000000000000000C", "8");
    stranger["dynamodb"]["NewImage"]["organization"] = json!({"S": "somebodyelse"});
    // Its key would be longer than DynamoDB's may be.
    let mut long = record(organization, "01JQNH7XR0000000000000000D", "9");
    long["dynamodb"]["NewImage"]["project"] = json!({"S": "p".repeat(2_000)});
    let batch = json!({"Records": [poison, stranger, long, {"nonsense": true}]});
    let report = world.stack.invoke("FanOut", &batch).await.unwrap();
    assert_eq!(report, json!({"batchItemFailures": []}));
    let items = world.scan("DeliveriesTable").await;
    let kept: Vec<_> = items.iter().filter(|item| item["pk"].as_s().unwrap() == "QUARANTINE").collect();
    assert_eq!(kept.len(), 4, "{items:?}");
    assert!(kept.iter().any(|item| item["reason"].as_s().unwrap().contains("`project`")));
    assert!(kept.iter().any(|item| item["reason"].as_s().unwrap().contains("`data`")));
}
