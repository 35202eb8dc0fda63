//! What the commands show that change nothing: as a text, and as JSON.

use super::shop::{RETRYING, Shop};

#[tokio::test(flavor = "multi_thread")]
async fn queues_come_the_worst_first_of_all_or_of_one_organization() {
    let shop = Shop::busy().await;
    let all = shop.both(&["queues"]).await;
    insta::assert_snapshot!("queues", all);
    assert_eq!(shop.both(&["queues", "--organization", "shop"]).await, all);
    let (code, first) = shop.says(&["queues", "--limit", "1"]).await;
    assert_eq!((code, first.lines().count()), (0, 3), "{first}");
    assert!(first.contains("sdelements:1") && first.ends_with("and 2 more: give a higher --limit\n"), "{first}");
    let other = shop.world.stack.ready().organization.clone();
    assert_eq!(shop.says(&["queues", "--organization", &other]).await, (0, "Nothing waits.\n".to_owned()));
    let (code, said) = shop.says(&["queues", "--organization", "nobody"]).await;
    assert_eq!(code, 2);
    assert!(said.contains("`cargo admin list-organizations` shows those that do"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_listed_as_the_operations_api_lists_them() {
    let shop = Shop::busy().await;
    insta::assert_snapshot!("webhooks", shop.both(&["webhooks", "--organization", "shop"]).await);
    let list = ["webhooks", "--organization", "shop", "--limit", "2"];
    let (_, page) = shop.says(&list).await;
    let cursor = page.lines().last().unwrap().strip_prefix("more: --cursor ").unwrap();
    let (_, second) = shop.says(&[&list[..], &["--cursor", cursor]].concat()).await;
    assert!(page.contains("akinon:") && page.contains("flip:") && page.lines().count() == 4, "{page}");
    assert!(second.contains("operations:") && second.contains("sdelements:1") && !second.contains("flip:"), "{second}");
    let suspended = ["webhooks", "--organization", "shop", "--state", "suspended", "--q", "orders"];
    let (_, shown) = shop.says(&suspended).await;
    assert!(shown.lines().count() == 2 && shown.contains("sdelements:1"), "{shown}");
    let wrong = ["webhooks", "--organization", "shop", "--state", "x", "--limit", "0"];
    insta::assert_snapshot!("wrong_filters", shop.says(&wrong).await.1);
    insta::assert_snapshot!("no_organization", shop.says(&["webhooks"]).await.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_with_the_reasons() {
    let shop = Shop::busy().await;
    let list = ["deliveries", "sdelements:1", "--organization", "shop"];
    insta::assert_snapshot!("deliveries", shop.both(&list).await);
    let (_, diverted) = shop.says(&[&list[..], &["--state", "diverted", "--status", "400"]].concat()).await;
    assert_eq!(diverted.lines().count(), 2, "{diverted}");
    let (code, wrong) = shop.says(&[&list[..], &["--after", "yesterday", "--status", "7"]].concat()).await;
    assert!(code == 2 && wrong.contains("--status must be") && wrong.contains("--after must be"), "{wrong}");
    let missing = shop.says(&["deliveries", "sdelements:9", "--organization", "shop"]).await;
    assert_eq!(missing.0, 2);
    insta::assert_snapshot!("missing_webhook", missing.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_shown_with_its_attempts_and_what_is_sent() {
    let shop = Shop::busy().await;
    let event = Shop::event_id(90, 5).to_string();
    insta::assert_snapshot!("show", shop.both(&["show", RETRYING, &event, "--organization", "shop"]).await);
    // The event's data keeps its digits.
    let (_, json) = shop.says(&["show", RETRYING, &event, "--organization", "shop", "--json"]).await;
    assert!(json.contains(r#""data":{"order":1.0,"total":"12.50"}"#), "{json}");
    let slack = ["show", "sdelements:1", &Shop::event_id(600, 1).to_string(), "--organization", "shop"];
    let (code, shown) = shop.says(&slack).await;
    assert!(code == 0 && shown.contains("POST https://hooks.slack.com/services/…"), "{shown}");
    let missing = shop.says(&["show", RETRYING, &Shop::event_id(1, 1).to_string(), "--organization", "shop"]).await;
    assert_eq!(missing.0, 2);
    assert!(missing.1.contains(&format!("`cargo admin deliveries {RETRYING}` shows those it has")), "{}", missing.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_organization_has_nothing_to_show() {
    let shop = Shop::new().await;
    let webhook = shop.webhook(shared::domain::Api::SdElements, "1", "n").await;
    assert!(shop.says(&["queues"]).await.1.contains("Nothing waits."));
    let id = webhook.key.to_string();
    assert_eq!(shop.says(&["deliveries", &id, "--organization", "shop"]).await.1, "No deliveries.\n");
    assert_eq!(shop.says(&["webhooks", "--organization", "shop", "--api", "flip"]).await.1, "No webhooks.\n");
    assert_eq!(shop.says(&["quarantine", "list"]).await.1, "Nothing is quarantined.\n");
}
