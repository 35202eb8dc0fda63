//! A webhook fails, its owner hears of it, sees why, repairs it, and gets everything that was kept: for each API.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{PROJECT, WEBHOOKS, done, one_of_each};
use crate::support::{World, slack_url};

/// Lets the webhook's queue have failed so often, and has it tried again now instead of after the schedule's wait.
async fn try_again(world: &World, webhook: &str, failures: u32) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u32| AttributeValue::N(number.to_string());
    let queue = format!("{}#{webhook}", world.stack.ready().organization);
    let update = world.stack.database().update_item().table_name(world.stack.table("DeliveriesTable"));
    let update = update.key("pk", text(&queue)).key("sk", text("QUEUE"));
    let update = update.expression_attribute_values(":failures", number(failures));
    let update = update.expression_attribute_values(":now", number(0));
    update
        .update_expression("SET failures = :failures, in_a_row = :failures, due_at = :now REMOVE not_before")
        .send()
        .await
        .unwrap();
    world.tick().await;
}

/// Waits until the owner's Slack has heard these words, one after the other.
async fn heard(world: &World, words: &[&str]) {
    for count in 1.. {
        let heard = world.accepted("Owner", count).await.concat();
        let mut rest = heard.as_str();
        let all = words.iter().all(|word| {
            let found = rest.split_once(word);
            rest = found.map_or("", |(_, after)| after);
            found.is_some()
        });
        if all {
            return;
        }
    }
}

/// The story of one webhook of [`one_of_each`], which posts to `receiver`.
async fn story(world: &World, webhook: &str, receiver: &str) {
    let owner = json!({"kind": "slack", "name": "Owner", "url": slack_url("Owner")});
    done(world, "POST", "/operations/notifications", owner).await;
    let one = format!("{WEBHOOKS}/{webhook}");
    world.receiver(receiver, &json!({"status": 503, "body": "down"})).await;
    let names = ["first event", "second event", "third event"];
    for name in names {
        let (event_type, data) = if webhook.starts_with("sdelements") {
            ("CreatedProjectActivity", json!({"project_desc": name}))
        } else {
            ("chat.message", json!({"name": name}))
        };
        world.event(event_type, Some(PROJECT), &data).await;
    }
    let waits = |webhook: &Value| webhook["next_attempt"].is_string() && webhook["queued"] == 3;
    world.eventually(&one, |webhook| webhook["state"] == "retrying" && waits(webhook)).await;
    try_again(world, webhook, 2).await;
    heard(world, &["is failing"]).await;
    world.receiver(receiver, &json!({"status": 404, "body": "gone"})).await;
    world.eventually(&one, waits).await;
    try_again(world, webhook, 9).await;
    let suspended = world.eventually(&one, |webhook| webhook["state"] == "suspended").await;
    assert!(suspended["reason"].as_str().unwrap().contains("404"), "{suspended}");
    assert_eq!(suspended["queued"], 3, "{suspended}");
    heard(world, &["is failing", "was suspended"]).await;
    world.receiver(receiver, &json!({"status": 200, "body": "ok"})).await;
    done(world, "POST", &format!("{one}/unsuspend"), Value::Null).await;
    heard(world, &["is failing", "was suspended", "works again"]).await;
    world.eventually(&one, |webhook| webhook["queued"] == 0).await;
    let messages = world.received(receiver, 1).await.into_iter().filter(|message| message["status"] == 200);
    let arrived: Vec<_> = messages.map(|message| message["body"].as_str().unwrap().to_owned()).collect();
    for name in names {
        assert_eq!(arrived.iter().filter(|body| body.contains(name)).count(), 1, "{name}: {arrived:?}");
    }
    let places = names.map(|name| arrived.concat().find(name).unwrap());
    assert!(places.is_sorted(), "{arrived:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_slack_webhook_hears_of_trouble_repairs_it_and_loses_nothing() {
    let world = World::new().await;
    let [slack, ..] = one_of_each(&world).await;
    story(&world, &slack, "services/T00000000/B00000000/X").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_flip_webhook_hears_of_trouble_repairs_it_and_loses_nothing() {
    let world = World::new().await;
    let [_, flip, ..] = one_of_each(&world).await;
    story(&world, &flip, "flip.example/hooks/token-of-flip").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_an_akinon_webhook_hears_of_trouble_repairs_it_and_loses_nothing() {
    let world = World::new().await;
    let [_, _, akinon, ..] = one_of_each(&world).await;
    story(&world, &akinon, "akinon.example/hooks/token-of-akinon").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_socotra_webhook_hears_of_trouble_repairs_it_and_loses_nothing() {
    let world = World::new().await;
    let [_, _, _, socotra, _] = one_of_each(&world).await;
    // A failure policy that retries, and suspends at the end.
    let path = format!("/event/{}/webhooks/{}", world.stack.ready().socotra_tenant, socotra.split_once(':').unwrap().1);
    let policy = json!({"failureHandling": {"addTriggers": ["404", "5xx"], "removeTriggers": ["4xx"], "divert": false, "suspend": true,
        "retryStrategy": {"type": "linear", "interval": 60, "attempts": 5}}});
    done(&world, "PATCH", &path, policy).await;
    story(&world, &socotra, "socotra.example/hooks/token-of-socotra").await;
}
