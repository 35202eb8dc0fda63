//! What the quick examination finds, what it costs, and that what it advises helps.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::Request};
use serde_json::Value;
use shared::{
    domain::Api,
    store::{LeaseFor, queue_key},
};

use super::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_attention_is_named_with_the_command_that_helps() {
    let shop = Shop::busy().await;
    let sound = shop.says(&["doctor"]).await;
    assert_eq!(sound.0, 1, "{}", sound.1);
    // Nobody came for a queue, or came back; a record is quarantined; an event that is held will expire.
    let unserved = shop.webhook(Api::Flip, "1b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", "Unserved").await;
    shop.pending(&unserved, 30, 6).await;
    let left = shop.webhook(Api::Flip, "2b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", "Left").await;
    shop.pending(&left, 45, 7).await;
    let until = shop.store.clock().now();
    shop.store.lease(&shop.queue(&left), "gone", until, LeaseFor::Delivery).await.unwrap();
    let old = shop.webhook(Api::Flip, "3b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5d", "Old").await;
    shop.pending(&old, 29 * 24 * 60, 8).await;
    shop.change(&old.key, |webhook| webhook.pause(shared::domain::Timestamp(0))).await;
    shop.at(50);
    shop.store.quarantine("17", "`type` is missing", "{}").await.unwrap();
    shop.at(0);
    let all = shop.both(&["doctor"]).await;
    insta::assert_snapshot!("doctor", all);
    // Each command is one that this program takes, and helps.
    let (_, text) = shop.says(&["doctor"]).await;
    let fixes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  fix: ")).collect();
    for fix in &fixes {
        for command in fix.split(" && ") {
            let words: Vec<&str> = command.strip_prefix("cargo admin ").unwrap().split(' ').collect();
            let (code, said) = shop.says(&words).await;
            let stays = words[0] == "quarantine";
            assert_eq!(code == 2, stays, "{command}: {said}");
        }
    }
    assert_eq!(shop.says(&["quarantine", "delete", "17"]).await.0, 0);
    let (_, after) = shop.says(&["doctor"]).await;
    let left: Vec<&str> = after.lines().filter(|line| line.starts_with("found: ")).collect();
    // No command repairs an endpoint, and here no worker comes for a queue that is due.
    let stays = |line: &str| line.contains("its oldest event has waited for") || line.contains("nobody has taken it");
    assert!(left.iter().all(|line| stays(line)), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_examination_scans_no_table() {
    let shop = Shop::busy().await;
    for number in 0..40 {
        shop.webhook(Api::Socotra, &format!("01JQNX4T2B00000000000001{number:02}"), "more").await;
    }
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let (sink, upstream) = (Arc::clone(&calls), shop.world.stack.ready().dynamodb.clone());
    let client = local::client().unwrap();
    let router = Router::new().fallback(move |request: Request| {
        let (sink, upstream, client) = (Arc::clone(&sink), upstream.clone(), client.clone());
        async move {
            let (head, body) = request.into_parts();
            let operation = head.headers["x-amz-target"].to_str().unwrap().split_once('.').unwrap().1.to_owned();
            sink.lock().unwrap().push(operation);
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let mut headers = head.headers;
            headers.remove("host");
            let reply = client.post(upstream).headers(headers).body(body).send().await.unwrap();
            let (status, body): (_, Bytes) = (reply.status(), reply.bytes().await.unwrap());
            (status, body)
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let (code, shown) = shop.says_of(&["admin", "--endpoint", &address, "doctor", "--json"]).await;
    assert_eq!(code, 1, "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["summary"]["webhooks"], &shown["summary"]["suspended"]), (&45.into(), &1.into()));
    let mut calls = std::mem::take(&mut *calls.lock().unwrap());
    calls.sort();
    // Three tables are described in three ways. The register, four shards of what is due, the webhooks of two organizations,
    // and what is quarantined are queries; the queues of what is due or held are one call.
    let mut wanted = vec!["BatchGetItem".to_owned()];
    for operation in ["DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive"] {
        wanted.extend(std::iter::repeat_n(operation.to_owned(), 3));
    }
    wanted.extend(std::iter::repeat_n("Query".to_owned(), 8));
    assert_eq!(calls, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_that_the_version_before_made_are_entered_in_the_register() {
    let shop = Shop::busy().await;
    let register = async || {
        let found = shop.world.scan("WebhooksTable").await;
        found.into_iter().filter(|item| item["pk"].as_s().unwrap() == "ORGANIZATIONS").count()
    };
    assert_eq!(register().await, 2);
    let (_, before) = shop.says(&["queues"]).await;
    for item in shop.world.scan("WebhooksTable").await {
        if item["pk"].as_s().unwrap() == "ORGANIZATIONS" {
            let delete = shop.world.stack.database().delete_item().table_name("WebhooksTable");
            delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
        }
    }
    assert_eq!(shop.says(&["queues"]).await.1, before);
    assert_eq!(register().await, 2);
    assert!(before.contains(&queue_key(&shop.id, &shared::domain::WebhookKey::sdelements(1))[5..]), "{before}");
}
