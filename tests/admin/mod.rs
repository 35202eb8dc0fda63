//! The operator's command line, on the embedded DynamoDB.

mod attention;
mod changes;
mod cost;
mod doctor;
mod documented;
mod quarantine;
mod replay;
mod secrets;
mod shop;
mod shown;
mod smoke;
mod stack;

use clap::Parser as _;
use serde_json::json;

use crate::support::World;

/// Whether the command was carried out and found nothing, and all that it said.
pub(crate) async fn admin(world: &World, arguments: &[&str]) -> (bool, String) {
    let start = ["admin", "--endpoint", &world.stack.ready().dynamodb];
    let arguments = match admin::Arguments::try_parse_from(start.iter().chain(arguments)) {
        Ok(arguments) => arguments,
        Err(error) => return (false, error.to_string()),
    };
    let mut output = Vec::new();
    let done = admin::run(arguments, admin::Terminal::plain(&mut output)).await;
    let refusal = done.as_ref().err().map(ToString::to_string).unwrap_or_default();
    (matches!(done, Ok(admin::Found::Nothing)), String::from_utf8(output).unwrap() + &refusal)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_an_organization_and_gives_and_takes_tokens() {
    let world = World::new().await;
    let (done, shown) = admin(&world, &["create-organization", "umbrella", "Umbrella Inc."]).await;
    assert!(done && shown.starts_with("umbrella name=\"Umbrella Inc.\" flags=Webhooks akinon="), "{shown}");
    assert!(!admin(&world, &["create-organization", "umbrella", "again"]).await.0);
    assert!(!admin(&world, &["create-organization", "Not Good", "x"]).await.0);
    let (done, shown) =
        admin(&world, &["issue-token", "umbrella", "--user", "ann", "--permission", "super_user"]).await;
    assert!(done, "{shown}");
    let key = shown.lines().next().unwrap().to_owned();
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 200);
    let (_, listed) = admin(&world, &["list-tokens", "umbrella"]).await;
    let id = listed.split(' ').next().unwrap().to_owned();
    assert!(listed.contains("user=ann expires=never super_user") && !listed.contains(&key), "{listed}");
    assert!(admin(&world, &["set-flags", "umbrella"]).await.0);
    world.stack.kill_functions().await;
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 403);
    assert!(admin(&world, &["revoke-token", "umbrella", &id]).await.0);
    assert!(!admin(&world, &["revoke-token", "umbrella", &id]).await.0);
    world.stack.kill_functions().await;
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 401);
    assert!(admin(&world, &["list-organizations"]).await.1.contains("umbrella"));
    let ended = ["issue-token", "umbrella", "--user", "ann", "--permission", "super_user", "--expires-in-days", "0"];
    let (done, shown) = admin(&world, &ended).await;
    assert!(done, "{shown}");
    let key = shown.lines().next().unwrap();
    assert_eq!(world.call_as(key, "GET", "/api/v2/webhooks/", None).await.status, 401, "it has expired");
    assert!(!admin(&world, &["issue-token", "nobody", "--user", "x", "--permission", "super_user"]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_an_api_can_be_changed() {
    let world = World::new().await;
    let organization = &world.stack.ready().organization;
    let (done, shown) = admin(&world, &["set-webhook-limit", organization, "flip", "1"]).await;
    assert!(done, "{shown}");
    let limits = "sdelements_webhook_limit=100 flip_webhook_limit=1 akinon_webhook_limit=100 socotra_webhook_limit=100";
    assert!(admin(&world, &["list-organizations"]).await.1.contains(limits));
    let mut answers = Vec::new();
    for number in 0..2 {
        let url = format!("https://flip.example/{number}");
        let body = json!({"url": url, "subscription": {"event_types": ["chat"]}});
        let path = "/api/webhooks/v4/webhooks";
        answers.push(world.ask(&world.token, "POST", path, Some(&body)).await.status);
    }
    assert_eq!(answers, [201, 409]);
    assert!(!admin(&world, &["set-webhook-limit", "nobody", "flip", "1"]).await.0);
    assert!(!admin(&world, &["set-webhook-limit", organization, "slack", "1"]).await.0);
    assert!(admin(&world, &["set-flip-limit", organization, "7"]).await.0, "the command of the version before");
    let (done, shown) = admin(
        &world,
        &["create-organization", "umbrella", "U", "--akinon-webhook-limit", "5", "--flip-webhook-limit", "6"],
    )
    .await;
    let limits = "sdelements_webhook_limit=100 flip_webhook_limit=6 akinon_webhook_limit=5 socotra_webhook_limit=100";
    assert!(done && shown.contains(limits), "{shown}");
}
