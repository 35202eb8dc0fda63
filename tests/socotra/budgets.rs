//! How many calls to DynamoDB a route makes, against its budget.

use serde_json::{Value, json};

use super::new;
use crate::support::{Proxy, counted, spend};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let world = counted(&proxy).await;
    let base = format!("/event/{}", world.stack.ready().socotra_tenant);
    let webhooks = format!("{base}/webhooks");
    let made = world.call("POST", &webhooks, Some(&new("x", &["a"], Value::Null))).await.json();
    let one = format!("{webhooks}/{}", made["locator"].as_str().unwrap());
    let event = json!({"type": "a", "data": {}});
    let event = world.call("POST", "/events", Some(&event)).await.json()["id"].as_str().unwrap().to_owned();
    let none = [json!({}), json!({})];
    let steps = vec![
        ("POST", webhooks.clone(), [new("y", &["a"], json!({})), new("z", &["a"], json!({}))], 4, 3),
        ("GET", one.clone(), none.clone(), 1, 1),
        ("GET", format!("{webhooks}/list"), none.clone(), 3, 2),
        ("GET", format!("{webhooks}/list?active=true&eventTypes=a"), none.clone(), 3, 2),
        ("PATCH", one.clone(), [json!({"name": "b"}), json!({"addEventTypes": ["b"], "enabled": false})], 3, 2),
        ("PATCH", format!("{one}/unsuspend"), none.clone(), 3, 2),
        ("GET", format!("{one}/diverted"), none.clone(), 2, 2),
        ("GET", format!("{base}/events/{event}"), none.clone(), 2, 1),
        ("GET", format!("{base}/events/request/r"), none.clone(), 2, 1),
        ("DELETE", one.clone(), none, 3, 2),
    ];
    let spent = spend(&world, &proxy, steps).await;
    let spent = spent.replace(&one, "[webhook]").replace(&event, "[event]").replace(&base, "[base]");
    insta::assert_snapshot!(spent);
}
