//! Finding out what is wrong with a deployment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification,
};
use axum::{Json, Router, extract::Path, http::StatusCode, routing::get};
use serde_json::{Value, json};
use shared::domain::EventId;

use super::admin;
use crate::support::World;

const SKIPPED: &str = "skipped: point-in-time recovery, of which this DynamoDB knows nothing\n\
    skipped: the stream's mapping and the schedules, since no --stack-name is given, or another DynamoDB than AWS's and \
    no --lambda-endpoint\n";

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Puts an item with those attributes.
async fn put(world: &World, table: &str, pk: &str, sk: &str, more: &[(&str, AttributeValue)]) {
    let mut item = HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    world.stack.database().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

/// Deletes the only item whose keys begin like that.
async fn delete(world: &World, table: &str, pk: &str, sk: &str) {
    let items = world.scan(table).await;
    let begins =
        |item: &HashMap<String, AttributeValue>, name: &str, with: &str| item[name].as_s().unwrap().starts_with(with);
    let mut found = items.into_iter().filter(|item| begins(item, "pk", pk) && begins(item, "sk", sk));
    let item = found.next().unwrap();
    assert!(found.next().is_none());
    let delete = world.stack.database().delete_item().table_name(table);
    delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_deployment_has_no_findings() {
    let world = World::new().await;
    let busy = world.subscribed("X").await;
    world.publish("delivered").await;
    world.accepted("X", 1).await;
    world.eventually(&format!("/api/v2/webhooks/{busy}/status"), |status| status["queued"] == 0).await;
    // States that are as they should be: paused with something queued, suspended, switched off, deleted, diverted.
    let paused = world.subscribed("P").await;
    world.call("POST", &format!("/api/v2/webhooks/{paused}/pause/"), None).await;
    let off = world.webhook("O").await;
    world.call("PATCH", &format!("/api/v2/webhooks/{off}/"), Some(&json!({"active": false}))).await;
    world.call("POST", &format!("/api/v2/webhooks/{off}/test/"), None).await;
    let gone = world.webhook("D").await;
    world.call("DELETE", &format!("/api/v2/webhooks/{gone}/"), None).await;
    world.behave("X", &json!({"status": 400, "times": 1})).await;
    world.publish("diverted").await;
    let diverted = format!("/api/v2/webhooks/{busy}/deliveries?state=diverted");
    world.eventually(&diverted, |page| page["results"].as_array().is_some_and(|all| all.len() == 1)).await;
    let status = format!("/api/v2/webhooks/{paused}/status");
    world.eventually(&status, |status| status["queued"] == 1).await;
    let body = json!({"url": "https://flip.example/x", "subscription": {"event_types": ["chat"]}});
    world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await;
    let (sound, shown) = admin(&world, &["doctor", "--full"]).await;
    let summary = "1 organizations, 4 webhooks (1 paused, 0 suspended, 1 inactive), 1 deliveries pending, 1 diverted\n";
    assert_eq!((sound, shown), (true, format!("{SKIPPED}{summary}nothing needs attention\n")));
    let (sound, shown) = admin(&world, &["doctor"]).await;
    assert!(sound && shown.starts_with(SKIPPED) && shown.ends_with("\nnothing needs attention\n"), "{shown}");
    assert!(shown.contains("\n1 organizations, 4 webhooks (0 suspended), something waits in "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_items_is_found() {
    let world = World::new().await;
    let acme = world.stack.ready().organization.clone();
    let (past, one) = (AttributeValue::N("1000".to_owned()), AttributeValue::N("1".to_owned()));
    let event = "01JQNH7XR0000000000000000A";
    let other = "01JQNH7XR0000000000000000B";

    // Organizations and webhooks.
    delete(&world, "WebhooksTable", "ORGANIZATIONS", &acme).await;
    admin(&world, &["create-organization", "bare", "Bare"]).await;
    let (_, key) = admin(&world, &["issue-token", "bare", "--user", "x", "--permission", "super_user"]).await;
    let body = json!({"name": "n", "url": crate::support::slack_url("B")});
    let made = world.call_as(key.lines().next().unwrap(), "POST", "/api/v2/webhooks/", Some(&body)).await;
    assert_eq!(made.status, 201);
    assert!(admin(&world, &["set-flags", "bare"]).await.0);
    assert!(admin(&world, &["set-flags", &acme, "Webhooks", "Old"]).await.0);
    let orphan = world.scan("WebhooksTable").await.into_iter().find(|item| {
        item["pk"].as_s().unwrap() == "ORG#bare" && item["sk"].as_s().unwrap().starts_with("WEBHOOK#sdelements#0")
    });
    let mut orphan = orphan.unwrap();
    orphan.insert("pk".to_owned(), text("ORG#ghost"));
    world.stack.database().put_item().table_name("WebhooksTable").set_item(Some(orphan)).send().await.unwrap();
    world.subscribed("S").await;
    delete(&world, "WebhooksTable", &format!("ORG#{acme}#SUB#"), "").await;
    put(&world, "WebhooksTable", &format!("ORG#{acme}#SUB#*#Nothing"), "sdelements:999", &[]).await;
    let body = json!({"url": "https://flip.example/x", "subscription": {"event_types": ["chat"]}});
    let made = world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await;
    assert_eq!(made.status, 201);
    delete(&world, "WebhooksTable", &format!("ORG#{acme}"), "URL#").await;
    put(&world, "WebhooksTable", &format!("ORG#{acme}"), "URL#flip#abc", &[]).await;
    put(&world, "WebhooksTable", &format!("ORG#{acme}"), "TOKEN#nothing", &[("hash", text("abc"))]).await;
    delete(&world, "WebhooksTable", "ORG#bare", "TOKEN#").await;
    put(&world, "WebhooksTable", "STRANGE", "STRANGE", &[]).await;

    // Queues.
    let mut queues = Vec::new();
    for name in ["late", "unindexed", "leased", "stranded", "held", "lists"] {
        queues.push(format!("{acme}#sdelements:{}", world.webhook(name).await));
    }
    let [late, unindexed, leased, stranded, held, lists] = queues.as_slice() else { panic!("six") };
    let deliveries = "DeliveriesTable";
    let pending = [("state", text("pending")), ("queued", past.clone())];
    let touched = ("touched", one.clone());
    for queue in [late, leased] {
        world.stack.store().touch(queue, event.parse::<EventId>().unwrap()).await.unwrap();
    }
    for (queue, set) in
        [(late, "SET due_at = :past"), (leased, "SET lease = :token, lease_until = :past, due_at = :past")]
    {
        let update = world.stack.database().update_item().table_name(deliveries).update_expression(set);
        let update = update.key("pk", text(queue)).key("sk", text("QUEUE"));
        let update = update.expression_attribute_values(":past", past.clone());
        let update = if queue == leased { update.expression_attribute_values(":token", text("t")) } else { update };
        update.send().await.unwrap();
    }
    put(&world, deliveries, unindexed, "QUEUE", &[touched.clone(), ("due_at", past.clone())]).await;
    put(&world, deliveries, stranded, "QUEUE", std::slice::from_ref(&touched)).await;
    put(&world, deliveries, stranded, event, &pending).await;
    put(&world, deliveries, held, "QUEUE", &[touched.clone(), ("held", text("paused"))]).await;
    put(&world, deliveries, lists, &format!("DIV#{event}"), &[]).await;
    put(&world, deliveries, lists, other, &[("state", text("diverted")), ("queued", past.clone())]).await;
    put(&world, deliveries, lists, "DIV#strange", &[]).await;
    put(&world, deliveries, &format!("{acme}#sdelements:999"), "QUEUE", &[touched]).await;
    put(&world, deliveries, &format!("{acme}#sdelements:998"), event, &pending).await;
    put(&world, deliveries, "QUARANTINE", "1", &[("reason", text("`type` is missing"))]).await;

    let (sound, shown) = admin(&world, &["doctor", "--full"]).await;
    assert!(!sound);
    let dynamodb = world.stack.ready().dynamodb.as_str();
    let unlisted = shown.split_once("found: the token ").unwrap().1.split(' ').next().unwrap().to_owned();
    let hash = regex::Regex::new("TOKEN#[0-9a-f]{64}").unwrap();
    let masked = hash.replace_all(&shown, "TOKEN#[hash]");
    let shard = regex::Regex::new(r#"":shard":\{"S":"\d"\}"#).unwrap();
    let masked = shard.replace_all(&masked, r#"":shard":{"S":"[shard]"}"#);
    let masked = masked.replace(&acme, "acme").replace(&unlisted, "[token]").replace(dynamodb, "[dynamodb]");
    insta::assert_snapshot!(masked);

    // Each command helps, except where somebody has to decide, or where no worker comes here.
    for fix in shown.lines().filter_map(|line| line.strip_prefix("  fix: ")) {
        for command in fix.split(" && ") {
            mend(&world, command).await;
        }
    }
    let (_, after) = admin(&world, &["doctor", "--full"]).await;
    let left: Vec<_> = after.lines().filter_map(|line| line.strip_prefix("found: ")).collect();
    let stays = ["cannot be read", "was quarantined", "its lease ended", "it has been due since", "its oldest event"];
    assert!(left.iter().all(|what| stays.iter().any(|stays| what.contains(stays))), "{after}");
}

/// Carries out a command that `doctor` has printed: one of this program, or one of the AWS CLI to DynamoDB.
async fn mend(world: &World, command: &str) {
    let words = crate::support::bash(&[], &format!("printf '%s\\n' {command}"));
    let words: Vec<&str> = words.lines().collect();
    match &words[..] {
        ["cargo", "admin", arguments @ ..] => {
            admin(world, arguments).await;
        }
        ["aws", "dynamodb", "get-item", ..] => {}
        ["aws", "dynamodb", operation, options @ ..] => {
            let (mut body, mut endpoint) = (json!({}), "");
            for option in options.chunks(2) {
                let [name, value] = option else { panic!("{command}") };
                match *name {
                    "--table-name" => body["TableName"] = json!(value),
                    "--key" => body["Key"] = serde_json::from_str(value).unwrap(),
                    "--item" => body["Item"] = serde_json::from_str(value).unwrap(),
                    "--update-expression" => body["UpdateExpression"] = json!(value),
                    "--expression-attribute-values" => {
                        body["ExpressionAttributeValues"] = serde_json::from_str(value).unwrap();
                    }
                    "--endpoint-url" => endpoint = value,
                    _ => panic!("{command}"),
                }
            }
            let name = match *operation {
                "put-item" => "PutItem",
                "update-item" => "UpdateItem",
                "delete-item" => "DeleteItem",
                _ => panic!("{command}"),
            };
            // It asks for a signature, and does not check it.
            let credential = "Credential=local/20261127/us-east-1/dynamodb/aws4_request";
            let signature = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
            let request = local::client().unwrap().post(endpoint).body(body.to_string());
            let request = request.header("x-amz-target", format!("DynamoDB_20120810.{name}"));
            let request = request.header("content-type", "application/x-amz-json-1.0");
            let request = request.header("x-amz-date", "20261127T120000Z").header("authorization", signature);
            let reply = request.send().await.unwrap();
            assert!(reply.status().is_success(), "{command}: {}", reply.text().await.unwrap());
        }
        _ => panic!("{command}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_tables_is_found() {
    let world = World::new().await;
    let database = world.stack.database();
    let ttl = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(false).build().unwrap();
    let off = database.update_time_to_live().table_name("WebhooksTable").time_to_live_specification(ttl);
    off.send().await.unwrap();
    let (sound, shown) = admin(&world, &["doctor"]).await;
    assert!(
        !sound && shown.contains("found: table WebhooksTable keeps what has expired: its TTL is not on expires_at\n")
    );
    let attribute = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let create = database.create_table().table_name("Strange").billing_mode(BillingMode::PayPerRequest);
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    create.attribute_definitions(attribute.build().unwrap()).key_schema(key).send().await.unwrap();
    let tables =
        ["--webhooks-table", "Strange", "--events-table", "DeliveriesTable", "--deliveries-table", "Nothing", "doctor"];
    let (sound, shown) = admin(&world, &tables).await;
    assert!(!sound);
    let shown = shown.replace(&world.stack.ready().dynamodb, "[dynamodb]");
    insta::assert_snapshot!(shown.strip_prefix(SKIPPED).unwrap(), @r"
    found: table DeliveriesTable has no stream of new images: nothing that is published is delivered
      fix: aws dynamodb update-table --table-name DeliveriesTable --stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE --endpoint-url [dynamodb]
    found: table DeliveriesTable lacks its index project, or it is being made
      fix: sam deploy
    found: table DeliveriesTable lacks its index request, or it is being made
      fix: sam deploy
    found: table Nothing does not exist
      fix: sam deploy
    found: table Strange has other keys than pk and sk
      fix: sam deploy
    found: table Strange keeps what has expired: its TTL is not on expires_at
      fix: aws dynamodb update-time-to-live --table-name Strange --time-to-live-specification Enabled=true,AttributeName=expires_at --endpoint-url [dynamodb]
    6 findings
    ");
}

/// What Lambda and EventBridge Scheduler say, and their address.
struct Aws {
    mappings: Arc<Mutex<Value>>,
    schedules: Arc<Mutex<HashMap<String, Value>>>,
    address: String,
}

impl Aws {
    /// As they would of a sound stack.
    async fn new() -> Self {
        let mappings = Arc::new(Mutex::new(json!([{"State": "Enabled", "LastProcessingResult": "OK",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:0:queue"}}}])));
        let target = "arn:aws:lambda:us-east-1:0:function:acme-tick";
        let target = json!({"Arn": target, "RoleArn": "arn:aws:iam::0:role/x", "Input": "{\"watch_seconds\": 58}"});
        let schedule = ("acme-tick".to_owned(), json!({"State": "ENABLED", "Target": target}));
        let schedules: Arc<Mutex<HashMap<_, _>>> = Arc::new(Mutex::new(HashMap::from([schedule])));
        let (said, known) = (Arc::clone(&mappings), Arc::clone(&schedules));
        let list = move || async move { Json(json!({"EventSourceMappings": *said.lock().unwrap()})) };
        let one = move |Path(name): Path<String>| async move {
            match known.lock().unwrap().get(&name) {
                Some(schedule) => (StatusCode::OK, Json(schedule.clone())),
                None => {
                    let refusal = json!({"__type": "ResourceNotFoundException", "Message": "no such schedule"});
                    (StatusCode::NOT_FOUND, Json(refusal))
                }
            }
        };
        let router = Router::new();
        let router = router.route("/2015-03-31/event-source-mappings", get(list)).route("/schedules/{name}", get(one));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { mappings, schedules, address }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_what_runs_is_found() {
    let (world, aws) = (World::new().await, Aws::new().await);
    let doctor = ["--lambda-endpoint", &aws.address, "--drain-function", "acme-drain", "doctor"];
    let (sound, shown) = admin(&world, &doctor).await;
    assert!(sound && !shown.contains("the stream's mapping"), "{shown}");
    *aws.mappings.lock().unwrap() = json!([]);
    {
        let mut schedules = aws.schedules.lock().unwrap();
        let changes = [
            ("/State", "DISABLED"),
            ("/Target/Input", "{}"),
            ("/Target/Arn", "arn:aws:lambda:us-east-1:0:function:other-tick"),
        ];
        for (at, value) in changes {
            *schedules.get_mut("acme-tick").unwrap().pointer_mut(at).unwrap() = json!(value);
        }
    }
    let (_, shown) = admin(&world, &doctor).await;
    insta::assert_snapshot!(found(&shown, ""), @r"
    found: schedule acme-tick does not say for how long to watch
    found: schedule acme-tick is for another function
    found: schedule acme-tick is not enabled
    found: the mapping of the Events table's stream is there 0 times
    ");
    aws.schedules.lock().unwrap().clear();
    let (_, shown) = admin(&world, &doctor).await;
    insta::assert_snapshot!(found(&shown, "schedule"), @"found: schedule acme-tick does not exist: nothing wakes what falls due");
    *aws.mappings.lock().unwrap() = json!([{"State": "Disabled", "LastProcessingResult": "PROBLEM: no permission"}]);
    let (_, shown) = admin(&world, &doctor).await;
    insta::assert_snapshot!(found(&shown, "the mapping"), @r"
    found: the mapping of the Events table's stream fails: PROBLEM: no permission
    found: the mapping of the Events table's stream forgets what it gives up: it has no destination for failures
    found: the mapping of the Events table's stream is Disabled
    found: the mapping of the Events table's stream repeats whole batches: it lacks ReportBatchItemFailures
    ");
}

/// The findings about that.
fn found(shown: &str, about: &str) -> String {
    let start = format!("found: {about}");
    shown.lines().filter(|line| line.starts_with(&start)).collect::<Vec<_>>().join("\n")
}
