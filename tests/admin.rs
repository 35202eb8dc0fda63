//! The operator's command line, on the embedded DynamoDB.

use clap::Parser as _;

use crate::support::World;

async fn admin(world: &World, arguments: &[&str]) -> (bool, String) {
    let start = ["admin", "--endpoint", &world.stack.ready().dynamodb];
    let arguments = admin::Arguments::try_parse_from(start.iter().chain(arguments)).unwrap();
    let mut output = Vec::new();
    let done = admin::run(arguments, &mut output).await;
    let refusal = done.as_ref().err().map(ToString::to_string).unwrap_or_default();
    (done.is_ok(), String::from_utf8(output).unwrap() + &refusal)
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
    assert!(!admin(&world, &["issue-token", "nobody", "--user", "x", "--permission", "super_user"]).await.0);
}
