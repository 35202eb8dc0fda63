//! Every sample of SD Elements' documents of webhooks and of their event configurations.

use serde_json::json;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_samples_of_webhooks() {
    let world = World::new().await;
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let create = json!({"name": "Engineering Slack Webhook", "url": url,
        "description": "Posts project events to #eng-webhooks", "active": true});
    let made = world.call("POST", "/api/v2/webhooks/", Some(&create)).await;
    insta::assert_snapshot!("create_a_webhook", made.shown());
    assert_eq!(made.json()["created"], made.json()["updated"]);
    assert_eq!(made.headers["content-type"], "application/json");
    insta::assert_snapshot!("list_webhooks", world.call("GET", "/api/v2/webhooks/", None).await.shown());
    insta::assert_snapshot!("retrieve_a_webhook", world.call("GET", "/api/v2/webhooks/1/", None).await.shown());
    let url = "https://hooks.slack.com/services/T00000000/B00000000/YYYYYYYYYYYYYYYYYYYYYYYY";
    let update = json!({"name": "Engineering Slack Webhook (updated)", "url": url,
        "description": "Updated description", "active": true});
    let updated = world.call("PATCH", "/api/v2/webhooks/1/", Some(&update)).await;
    insta::assert_snapshot!("update_a_webhook", updated.shown());
    assert!(updated.json()["updated"].as_str() > updated.json()["created"].as_str());
    insta::assert_snapshot!("delete_a_webhook", world.call("DELETE", "/api/v2/webhooks/1/", None).await.shown());
    assert_eq!(world.call("GET", "/api/v2/webhooks/1/", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_samples_of_event_configurations() {
    let world = World::new().await;
    assert_eq!(world.webhook("X").await, 1);
    // The documents' configuration is the tenth.
    let body = json!({"event_source": "CreatedProjectActivity", "active": true});
    for _ in 0..9 {
        let made = world.call("POST", "/api/v2/webhooks/1/configs/", Some(&body)).await.json();
        let path = format!("/api/v2/webhooks/1/configs/{}/", made["id"]);
        assert_eq!(world.call("DELETE", &path, None).await.status, 204);
    }
    let made = world.call("POST", "/api/v2/webhooks/1/configs/", Some(&body)).await;
    insta::assert_snapshot!("create_a_configuration", made.shown());
    insta::assert_snapshot!(
        "list_configurations",
        world.call("GET", "/api/v2/webhooks/1/configs/", None).await.shown()
    );
    let path = "/api/v2/webhooks/1/configs/10/";
    insta::assert_snapshot!("retrieve_a_configuration", world.call("GET", path, None).await.shown());
    let updated = world.call("PATCH", path, Some(&json!({"active": false}))).await;
    insta::assert_snapshot!("update_a_configuration", updated.shown());
    let pages = "/api/v2/webhooks/1/configs/?page_size=5";
    insta::assert_snapshot!("page_through_configurations", world.call("GET", pages, None).await.shown());
    insta::assert_snapshot!(
        "a_second_configuration",
        world.call("POST", "/api/v2/webhooks/1/configs/", Some(&body)).await.shown()
    );
    insta::assert_snapshot!("delete_a_configuration", world.call("DELETE", path, None).await.shown());
}
