//! How many calls to DynamoDB a route makes, against its budget; and what conflicts do to it.

use serde_json::json;

use crate::support::{Proxy, counted, slack_url, spend};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let (list, one, configs) = ("/api/v2/webhooks/", "/api/v2/webhooks/1/", "/api/v2/webhooks/1/configs/");
    let new = |name: &str| json!({"name": name, "url": slack_url(name)});
    let source = json!({"event_source": "CreatedProjectActivity"});
    let activity = json!({"name": "ModifiedProjectActivity"});
    let activities = "/api/v2/projects/11/activities/";
    let steps = vec![
        ("POST", list.to_owned(), [new("X"), new("Y")], 4, 3),
        ("GET", one.to_owned(), [json!({}), json!({})], 1, 1),
        ("GET", list.to_owned(), [json!({}), json!({})], 3, 2),
        ("PATCH", one.to_owned(), [json!({"name": "a"}), json!({"description": "b"})], 2, 1),
        ("PATCH", one.to_owned(), [json!({"active": false}), json!({"url": slack_url("Z")})], 3, 2),
        ("POST", configs.to_owned(), [source.clone(), source.clone()], 4, 3),
        ("GET", configs.to_owned(), [json!({}), json!({})], 1, 1),
        ("GET", format!("{configs}1/"), [json!({}), json!({})], 1, 1),
        ("PATCH", format!("{configs}1/"), [json!({"active": false}), json!({"active": true})], 3, 2),
        ("POST", activities.to_owned(), [activity.clone(), activity], 2, 1),
        ("GET", activities.to_owned(), [json!({}), json!({})], 2, 1),
        ("POST", "/events".to_owned(), [json!({"type": "a", "data": {}}), json!({"type": "a", "data": {}})], 2, 1),
        ("DELETE", format!("{configs}1/"), [json!({}), json!({})], 3, 2),
        ("DELETE", one.to_owned(), [json!({}), json!({})], 3, 2),
    ];
    insta::assert_snapshot!(spend(&world, &proxy, steps).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_a_webhook_causes_no_read_of_it() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    world.webhook("X").await;
    let nobody = world.user("ann", &[]).await;
    let ask = async || {
        proxy.take();
        let refused = world.ask(&nobody, "GET", "/api/v2/webhooks/1/", None).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        proxy.take()
    };
    assert_eq!(ask().await, ["BatchGetItem"]);
    assert_eq!(ask().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_retried_and_then_told() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    proxy.conflict(3);
    assert_eq!(world.webhook("X").await, 1);
    proxy.conflict(2);
    let changed = world.call("PATCH", "/api/v2/webhooks/1/", Some(&json!({"active": false}))).await;
    assert_eq!((changed.status, &changed.json()["active"]), (200, &json!(false)));
    proxy.conflict(usize::MAX);
    let refused = world.call("DELETE", "/api/v2/webhooks/1/", None).await;
    assert_eq!(refused.shown(), r#"503 {"detail":"Service temporarily unavailable, try again later."}"#);
    assert_eq!(refused.headers["retry-after"], "1");
    proxy.conflict(0);
    assert_eq!(world.call("DELETE", "/api/v2/webhooks/1/", None).await.status, 204);
}
