//! Replacing a signing secret.

use serde_json::json;
use shared::domain::{Clock as _, SystemClock, Timestamp};

use super::admin;
use crate::support::{World, verifies};

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_until_the_overlap_is_ended() {
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
    assert_ne!(new, old);
    let until = shown.split_once("signed with both until ").unwrap().1.split(' ').next().unwrap();
    let hours = until.parse::<Timestamp>().unwrap().since(SystemClock::default().now()).as_secs_f64() / 3_600.0;
    assert!((23.9..=24.0).contains(&hours), "{shown}");
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 1).await[0];
    assert!(verifies(message, old) && verifies(message, new));

    let (done, shown) = admin(&world, &finish).await;
    assert!(done && !shown.contains("whsec_"), "{shown}");
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 2).await[1];
    assert!(!verifies(message, old) && verifies(message, new));

    // Replaced once more within an overlap: the oldest ends. Then at once: every older one ends.
    let second = admin(&world, &[rotate.as_slice(), &["--overlap-hours", "2"]].concat()).await.1;
    let third = admin(&world, &[rotate.as_slice(), &["--overlap-hours", "2"]].concat()).await.1;
    let (second, third) = (second.lines().next().unwrap(), third.lines().next().unwrap());
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 3).await[2];
    assert_eq!([new, second, third].map(|secret| verifies(message, secret)), [false, true, true]);
    let (done, shown) = admin(&world, &[rotate.as_slice(), &["--overlap-hours", "0"]].concat()).await;
    assert!(done && shown.ends_with("signed with it alone.\n"), "{shown}");
    world.event("chat", None, &json!({})).await;
    let message = &world.received("flip.example/x", 4).await[3];
    assert_eq!([third, shown.lines().next().unwrap()].map(|secret| verifies(message, secret)), [false, true]);
    assert!(!admin(&world, &finish).await.0, "no overlap to end");
    assert!(!admin(&world, &[rotate.as_slice(), &["--overlap-hours", "169"]].concat()).await.0);

    // The queue knows that what a delivery depends on has changed.
    let queues = world.scan("DeliveriesTable").await;
    let queue = queues.iter().find(|item| item["sk"].as_s().unwrap() == "QUEUE").unwrap();
    assert_eq!(queue["generation"].as_n().unwrap(), "5");

    let slack = format!("sdelements:{}", world.webhook("X").await);
    assert!(!admin(&world, &["rotate-secret", &organization, &slack]).await.0, "a Slack webhook signs nothing");
    assert!(!admin(&world, &["rotate-secret", &organization, "flip:nothing"]).await.0);
    assert!(!admin(&world, &["rotate-secret", &organization, "slack:1"]).await.0);
}
