//! Receivers that take Slack's messages, on hosts that an operator has named.

use serde_json::{Value, json};

use crate::{
    admin::admin,
    support::{World, until},
};

const URL: &str = "https://chat.example.com/hooks/hook-credential?thread=7";

async fn create(world: &World, url: &str) -> crate::support::Reply {
    world.call("POST", "/api/v2/webhooks/", Some(&json!({"name": "Mattermost", "url": url}))).await
}

/// Lets the organization post to those hosts, and waits for no cache: warm functions are gone.
async fn allow(world: &World, hosts: &[&str]) {
    let organization = world.stack.ready().organization.clone();
    let command = [&["set-slack-compatible-hosts", organization.as_str()], hosts].concat();
    let (done, shown) = admin(world, &command).await;
    assert!(done, "{shown}");
    world.stack.kill_functions().await;
}

/// Makes a webhook on an allowed host that hears of new projects, and gives its id.
async fn subscribed(world: &World) -> u64 {
    allow(world, &["chat.example.com"]).await;
    let made = create(world, URL).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_u64().unwrap();
    let source = json!({"event_source": "CreatedProjectActivity"});
    let configured = world.call("POST", &format!("/api/v2/webhooks/{id}/configs/"), Some(&source)).await;
    assert_eq!(configured.status, 201, "{}", configured.text);
    id
}

async fn status(world: &World, id: u64) -> Value {
    world.call("GET", &format!("/api/v2/webhooks/{id}/status/"), None).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_accepted_only_while_an_operator_names_it() {
    let world = World::new().await;
    insta::assert_snapshot!("another_host_while_none_is_named", create(&world, URL).await.shown());
    allow(&world, &["Chat.example.com", "discord.com"]).await;
    assert!(
        admin(&world, &["list-organizations"])
            .await
            .1
            .contains(" slack_compatible_hosts=chat.example.com,discord.com\n")
    );
    insta::assert_snapshot!("a_host_that_is_named", create(&world, URL).await.shown());
    let private = create(&world, "https://chat.example.com:8443/hooks/x").await;
    insta::assert_snapshot!("another_port_on_a_host_that_is_named", private.shown());
    let slack = world.webhook("X").await;
    let path = format!("/api/v2/webhooks/{slack}/");
    let change = |url: &str| json!({"url": url});
    assert_eq!(
        world.call("PATCH", &path, Some(&change("https://discord.com/api/webhooks/1/t/slack"))).await.status,
        200
    );
    assert_eq!(world.call("PATCH", &path, Some(&change("https://evil.example/hooks/x"))).await.status, 400);
    allow(&world, &[]).await;
    assert!(!admin(&world, &["list-organizations"]).await.1.contains("slack_compatible_hosts"));
    assert_eq!(create(&world, URL).await.status, 400);
    assert_eq!(world.call("PATCH", &path, Some(&json!({"name": "kept"}))).await.json()["name"], "kept");
    let organization = world.stack.ready().organization.clone();
    for host in ["10.0.0.1", "localhost", "chat.example.com:443", "https://chat.example.com", "hooks.slack.com"] {
        assert!(!admin(&world, &["set-slack-compatible-hosts", &organization, host]).await.0, "{host}");
    }
    assert!(!admin(&world, &["set-slack-compatible-hosts", "nobody", "chat.example.com"]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_2xx_of_such_a_receiver_confirms_and_it_gets_slacks_message() {
    let world = World::new().await;
    let id = subscribed(&world).await;
    let rocket_chat = json!({"status": 200, "body": r#"{"success":true}"#, "times": 1});
    world.receiver("chat.example.com/hooks/hook-credential", &rocket_chat).await;
    world.publish("alpha").await;
    let message = world.received("chat.example.com/hooks/hook-credential?thread=7", 1).await.remove(0);
    let body: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
    assert!(body["text"].as_str().unwrap().contains("alpha") && body["blocks"].is_array(), "{body}");
    until("the delivery to count", async || status(&world, id).await["last_success"].is_string()).await;
    assert_eq!(status(&world, id).await["last_failure"], Value::Null);
    let tested = world.call("POST", &format!("/api/v2/webhooks/{id}/test/"), Some(&json!({}))).await.json();
    assert_eq!((&tested["status"], &tested["failure"]), (&json!(200), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_such_a_receiver_says_of_its_url_is_masked() {
    let world = World::new().await;
    let id = subscribed(&world).await;
    let echo = json!({"status": 404, "body": format!("no such hook: {URL}, hook-credential")});
    world.receiver("chat.example.com/hooks/hook-credential", &echo).await;
    world.publish("alpha").await;
    until("the suspension", async || status(&world, id).await["state"] == "suspended").await;
    let reason = status(&world, id).await["reason"].to_string();
    assert!(reason.contains("no such hook: https://chat.example.com***") && !reason.contains("credential"), "{reason}");
    assert!(!world.logs().concat().contains("hook-credential"));
}
