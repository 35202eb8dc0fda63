//! Replacing a signing secret.

use serde_json::json;

use super::admin;
use crate::support::{World, verifies};

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_until_the_replacement_is_finished() {
    let world = World::new().await;
    let organization = world.stack.ready().organization.clone();
    let body = json!({"url": "https://flip.example/x", "subscription": {"event_types": ["chat"]}});
    let made = world.ask(&world.token, "POST", "/api/webhooks/v4/webhooks", Some(&body)).await.json();
    let (id, old) = (made["id"].as_str().unwrap(), made["authentication"]["signing_secret"].as_str().unwrap());
    let webhook = format!("flip:{id}");
    let rotate = ["rotate-secret", &organization, &webhook];
    let finish = ["rotate-secret", &organization, &webhook, "--finish"];

    assert!(!admin(&world, &finish).await.0, "nothing to finish");
    let (done, shown) = admin(&world, &rotate).await;
    assert!(done, "{shown}");
    let new = shown.lines().next().unwrap();
    assert!(new != old && !admin(&world, &rotate).await.0, "one at a time");
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 1).await[0];
    assert!(verifies(message, old) && verifies(message, new));

    let (done, shown) = admin(&world, &finish).await;
    assert!(done && !shown.contains("whsec_"), "{shown}");
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 2).await[1];
    assert!(!verifies(message, old) && verifies(message, new));

    // The queue knows that what a delivery depends on has changed.
    let queues = world.scan("DeliveriesTable").await;
    let queue = queues.iter().find(|item| item["sk"].as_s().unwrap() == "QUEUE").unwrap();
    assert_eq!(queue["generation"].as_n().unwrap(), "2");

    let slack = format!("sdelements:{}", world.webhook("X").await);
    assert!(!admin(&world, &["rotate-secret", &organization, &slack]).await.0, "a Slack webhook signs nothing");
    assert!(!admin(&world, &["rotate-secret", &organization, "flip:nothing"]).await.0);
    assert!(!admin(&world, &["rotate-secret", &organization, "slack:1"]).await.0);
}
