//! Finding the deployment: by the outputs of its stack, by a ready file, or not at all.

use axum::{Router, http::StatusCode};

use super::shop::Shop;

/// A CloudFormation that answers that. Returns its address.
async fn cloudformation(status: u16, body: &'static str) -> String {
    let router = Router::new().fallback(move || async move { (StatusCode::from_u16(status).unwrap(), body) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

const OUTPUTS: &str = r#"<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
<member><StackName>shop</StackName><CreationTime>2026-11-27T12:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>
<member><OutputKey>WebhooksTable</OutputKey><OutputValue>WebhooksTable</OutputValue></member>
<member><OutputKey>EventsTable</OutputKey><OutputValue>EventsTable</OutputValue></member>
<member><OutputKey>DeliveriesTable</OutputKey><OutputValue>DeliveriesTable</OutputValue></member>
<member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.example/prod</OutputValue></member>
<member><OutputKey>DrainFunction</OutputKey><OutputValue>shop-drain</OutputValue></member>
</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"#;

const REFUSAL: &str = r#"<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
<Code>ValidationError</Code><Message>Stack with id shop does not exist</Message></Error></ErrorResponse>"#;

const OTHER: &str = r#"<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
<member><StackName>shop</StackName><CreationTime>2026-11-27T12:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus></member>
</Stacks></DescribeStacksResult></DescribeStacksResponse>"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_outputs_of_the_stack_name_its_tables_and_functions() {
    let shop = Shop::busy().await;
    let dynamodb = shop.world.stack.ready().dynamodb.clone();
    let of = async |status, body, more: &[&str]| {
        let address = cloudformation(status, body).await;
        // The names in the environment are of another stack.
        let start = ["admin", "--cloudformation-endpoint", &address, "--endpoint", &dynamodb, "--webhooks-table", "X"];
        shop.says_of(&[&start[..], more, &["--stack-name", "shop"]].concat()).await
    };
    let (code, shown) = of(200, OUTPUTS, &["doctor"]).await;
    assert_eq!(code, 1, "{shown}");
    let fix = "cargo admin --stack-name shop unsuspend sdelements:1 --organization shop";
    assert!(shown.contains(fix), "a fix is for the same stack: {shown}");
    for (status, body, advice) in [
        (400, REFUSAL, "Stack with id shop does not exist: check --stack-name, AWS_PROFILE and AWS_REGION"),
        (200, OTHER, "has no output WebhooksTable: is it a stack of Outhook, and deployed?"),
    ] {
        let (code, said) = of(status, body, &["queues"]).await;
        assert!(code == 2 && said.contains(advice), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ready_file_names_a_local_stack_and_its_organization() {
    let shop = Shop::busy().await;
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("admin-ready.json");
    let ready = serde_json::to_string(&shop.world.stack.ready()).unwrap();
    std::fs::write(&file, ready.replace(&shop.world.stack.ready().organization, "shop")).unwrap();
    let path = file.to_str().unwrap();
    let (code, shown) = shop.says_of(&["admin", "webhooks", "--ready-file", path]).await;
    assert!(code == 0 && shown.contains("sdelements:1"), "{shown}");
    std::fs::write(&file, "{\"tokens\": \"a-secret\"}").unwrap();
    let (code, said) = shop.says_of(&["admin", "webhooks", "--ready-file", path]).await;
    assert!(code == 2 && said.contains("is not a file that `cargo local --ready-file` has written"), "{said}");
    assert_eq!(shop.says_of(&["admin", "webhooks", "--ready-file", "/nowhere"]).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_json_and_help_and_there_are_completion_and_a_version() {
    let shop = Shop::new().await;
    let (_, version) = shop.says(&["--version"]).await;
    assert_eq!(version, format!("cargo admin {}\n", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script) = shop.says(&["completion", shell]).await;
        assert!(code == 0 && script.contains("quarantine"), "{shell}");
    }
    let mut all = Vec::new();
    for command in [
        &["create-organization", "umbrella", "Umbrella"][..],
        &["set-flags", "umbrella", "Webhooks"],
        &["set-webhook-limit", "umbrella", "flip", "3"],
        &["set-slack-compatible-hosts", "umbrella", "chat.example.com"],
        &["issue-token", "umbrella", "--user", "ann", "--permission", "super_user"],
        &["list-tokens", "umbrella"],
        &["revoke-token", "umbrella", "TOKEN"],
        &["replay", "umbrella", "--from", "2026-11-27T11:00:00Z"],
    ] {
        let command: Vec<&str> = command.to_vec();
        let token = shop.says(&["list-tokens", "umbrella"]).await.1;
        let token = token.split(' ').next().unwrap_or_default();
        let command: Vec<&str> = command.into_iter().map(|word| if word == "TOKEN" { token } else { word }).collect();
        let (code, json) = shop.says(&[&command[..], &["--json"]].concat()).await;
        assert!(code == 0 && serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{command:?} {json}");
        all.push(format!("{} {json}", command.join(" ")));
    }
    insta::assert_snapshot!("json", all.join(""));
    let (_, organizations) = shop.says(&["list-organizations", "--json"]).await;
    let organizations: serde_json::Value = serde_json::from_str(&organizations).unwrap();
    assert_eq!(organizations["organizations"].as_array().map(Vec::len), Some(3));
}
