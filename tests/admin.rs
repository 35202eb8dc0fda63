//! The operator's command line, on the embedded DynamoDB.

use std::process::Command;

use crate::support::World;

fn admin(world: &World, arguments: &[&str]) -> (bool, String) {
    // Cargo makes no variable for the binaries of other packages.
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_fallback")).with_file_name("admin");
    let mut command = Command::new(binary);
    command.args(["--endpoint", &world.stack.ready().dynamodb]).args(arguments);
    command.envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")]);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_an_organization_and_gives_and_takes_tokens() {
    let world = World::new().await;
    let (done, shown) = admin(&world, &["create-organization", "umbrella", "Umbrella Inc."]);
    assert!(done && shown.starts_with("umbrella name=\"Umbrella Inc.\" flags=Webhooks akinon="), "{shown}");
    assert!(!admin(&world, &["create-organization", "umbrella", "again"]).0);
    assert!(!admin(&world, &["create-organization", "Not Good", "x"]).0);
    let (done, shown) = admin(&world, &["issue-token", "umbrella", "--user", "ann", "--permission", "super_user"]);
    assert!(done, "{shown}");
    let key = shown.lines().next().unwrap().to_owned();
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 200);
    let (_, listed) = admin(&world, &["list-tokens", "umbrella"]);
    let id = listed.split(' ').next().unwrap().to_owned();
    assert!(listed.contains("user=ann expires=never super_user") && !listed.contains(&key), "{listed}");
    assert!(admin(&world, &["set-flags", "umbrella"]).0);
    world.stack.kill_functions().await;
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 403);
    assert!(admin(&world, &["revoke-token", "umbrella", &id]).0);
    assert!(!admin(&world, &["revoke-token", "umbrella", &id]).0);
    world.stack.kill_functions().await;
    assert_eq!(world.call_as(&key, "GET", "/api/v2/webhooks/", None).await.status, 401);
    assert!(admin(&world, &["list-organizations"]).1.contains("umbrella"));
    assert!(!admin(&world, &["issue-token", "nobody", "--user", "x", "--permission", "super_user"]).0);
}
