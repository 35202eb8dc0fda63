//! Many callers at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{World, slack_url};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_concurrent_creates_get_distinct_ids_and_the_count_agrees() {
    let world = World::new().await;
    world.allow_webhooks(200).await;
    let ids = join_all((0..200).map(|number| {
        let world = &world;
        async move { world.webhook(&format!("X{number}")).await }
    }))
    .await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 200);
    let page = world.call("GET", "/api/v2/webhooks/?page_size=100&page=2", None).await.json();
    assert_eq!((&page["count"], page["results"].as_array().unwrap().len()), (&json!(200), 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_different_fields_all_survive() {
    let world = World::new().await;
    let id = world.subscribed("X").await;
    let path = format!("/api/v2/webhooks/{id}/");
    for round in 0..5 {
        let name = format!("name {round}");
        let url = slack_url(&format!("U{round}"));
        let active = round % 2 == 0;
        let changes =
            [json!({"name": name}), json!({"description": name}), json!({"url": url}), json!({"active": active})];
        for reply in join_all(changes.iter().map(|change| world.call("PATCH", &path, Some(change)))).await {
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
        let now = world.call("GET", &path, None).await.json();
        assert_eq!(
            (&now["name"], &now["description"], &now["url"], &now["active"]),
            (&json!(name), &json!(name), &json!(url), &json!(active))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_and_deleting_at_once_leaves_no_orphan() {
    let world = World::new().await;
    join_all((0..20).map(|number| {
        let world = &world;
        async move {
            let id = world.webhook(&format!("X{number}")).await;
            let path = format!("/api/v2/webhooks/{id}/");
            let configs = format!("{path}configs/");
            let source = json!({"event_source": "CreatedProjectActivity"});
            let off = json!({"active": false});
            let (made, changed, deleted) = tokio::join!(
                world.call("POST", &configs, Some(&source)),
                world.call("PATCH", &path, Some(&off)),
                world.call("DELETE", &path, None),
            );
            assert!([201, 404].contains(&made.status), "{}", made.text);
            assert!([200, 404].contains(&changed.status), "{}", changed.text);
            assert_eq!(deleted.status, 204, "{}", deleted.text);
        }
    }))
    .await;
    let list = world.call("GET", "/api/v2/webhooks/", None).await.json();
    assert_eq!((&list["count"], &list["results"]), (&json!(0), &json!([])));
    // What is left: the organization, its counter, its tokens, its entry in the register, the ticket of the local stack, and traces of the deleted webhooks, which expire; no webhook and
    // no subscription.
    for item in world.scan("WebhooksTable").await {
        let (pk, sk) = (item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap());
        let known = pk.starts_with("TOKEN#") || sk == "ORG" || sk.starts_with("TOKEN#") || sk == "WEBHOOK#sdelements#";
        let known = known || sk.starts_with("DELETED#") || pk == "ORGANIZATIONS" || pk.starts_with("TICKET#");
        assert!(known, "an orphan: {pk} {sk}");
    }
    assert!(world.scan("EventsTable").await.is_empty());
    // And the tombstones of the queues, by which a late event is known to have come too late.
    // (The traces of ended subscriptions go by themselves.)
    let items = world.scan("DeliveriesTable").await;
    for item in items.iter().filter(|item| !item["sk"].as_s().unwrap().starts_with("FORMER#")) {
        assert_eq!((item["sk"].as_s().unwrap().as_str(), item["held"].as_s().unwrap().as_str()), ("QUEUE", "deleted"));
    }
}
