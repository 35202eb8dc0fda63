//! Queueing events again that the stream has forgotten.

use std::collections::BTreeSet;

use serde_json::json;
use shared::domain::Timestamp;

use super::admin;
use crate::support::World;

/// A stack whose stream is never read, as if its 24 hours had passed.
async fn without_stream() -> World {
    World::with(|options| options.triggers = false).await
}

fn an_hour_ago(world: &World) -> String {
    Timestamp(world.stack.store().clock().now().0 - 3_600_000).to_string()
}

/// Replays the last hour, with drain woken or not.
async fn replay(world: &World, more: &[&str]) -> String {
    let (organization, from) = (&world.stack.ready().organization, an_hour_ago(world));
    let lambda = ["--lambda-endpoint", world.stack.ready().lambda.as_str(), "--drain-function", "outhook-local-drain"];
    let command = ["replay", organization, "--from", &from];
    let arguments: Vec<_> = lambda.iter().chain(&command).chain(more).copied().collect();
    let (done, shown) = admin(world, &arguments).await;
    assert!(done, "{shown}");
    shown
}

async fn states(world: &World) -> Vec<String> {
    let items = world.scan("DeliveriesTable").await;
    items.iter().filter_map(|item| Some(item.get("state")?.as_s().unwrap().clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_has_forgotten_is_delivered_and_nothing_twice() {
    let world = without_stream().await;
    let webhook = world.subscribed("X").await;
    let mut published = BTreeSet::new();
    for number in 0..150 {
        published.insert(world.publish(&format!("project-{number}-")).await);
    }
    let shown = replay(&world, &[]).await;
    assert!(shown.starts_with("100 events up to ") && shown.contains("\n150 events up to "), "{shown}");
    let log = format!("/api/v2/webhooks/{webhook}/deliveries?state=delivered&page_size=100");
    let status = format!("/api/v2/webhooks/{webhook}/status");
    world.eventually(&status, |status| status["queued"] == 0).await;
    assert_eq!(states(&world).await, vec!["delivered"; 150]);
    assert_eq!(world.call("GET", &log, None).await.json()["results"].as_array().unwrap().len(), 100);
    let messages = world.messages().await;
    for number in 0..150 {
        let name = format!("project-{number}-");
        let times = messages.iter().filter(|message| message["body"].as_str().unwrap().contains(&name)).count();
        assert_eq!(times, 1, "{name}");
    }
    // Again: all are known, and nothing is pending that drain could send.
    replay(&world, &[]).await;
    assert_eq!(states(&world).await, vec!["delivered"; 150]);
    assert_eq!(world.messages().await.len(), messages.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_of_one_type_and_span_and_says_who_delivers() {
    let world = without_stream().await;
    let organization = world.stack.ready().organization.clone();
    world.subscribed("X").await;
    world.event("Other", Some("11"), &json!({})).await;
    world.publish("mine").await;
    assert!(replay(&world, &["--type", "CreatedProjectActivity"]).await.contains("1 events up to "));
    assert!(replay(&world, &["--to", "2030-01-01T00:00:00Z"]).await.contains("2 events up to "));
    // Without a drain function it is left to the tick; another organization's name is no way in.
    let from = an_hour_ago(&world);
    let (done, shown) = admin(&world, &["replay", &organization, "--from", &from]).await;
    assert!(done && shown.starts_with("Drain is not woken"), "{shown}");
    for arguments in [
        ["replay", "nobody", "--from", &from, "--to", "2030-01-01T00:00:00Z"],
        ["replay", &organization, "--from", &from, "--to", &from],
        ["replay", &organization, "--from", "yesterday", "--to", &from],
    ] {
        assert!(!admin(&world, &arguments).await.0, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_wrongly_is_quarantined_under_one_name() {
    let world = without_stream().await;
    let organization = world.stack.ready().organization.clone();
    world.publish("x").await;
    let mut item = world.scan("EventsTable").await.remove(0);
    item.remove("type");
    world.stack.database().put_item().table_name("EventsTable").set_item(Some(item)).send().await.unwrap();
    for _ in 0..2 {
        replay(&world, &[]).await;
    }
    let kept = world.scan("DeliveriesTable").await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0]["sk"].as_s().unwrap().starts_with(&format!("{organization}#")), "{kept:?}");
}
