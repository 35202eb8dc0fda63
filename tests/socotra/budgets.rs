//! How many calls to DynamoDB a route makes, against DESIGN section 4's budgets.

use serde_json::{Value, json};

use super::new;
use crate::support::{Proxy, World};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_stays_within_its_budget() {
    let proxy = Proxy::default();
    let address = proxy.start().await;
    let world = World::with(|options| {
        options.environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), address);
    })
    .await;
    proxy.lead_to(&world.stack.ready().dynamodb);
    let base = format!("/event/{}", world.stack.ready().socotra_tenant);
    let webhooks = format!("{base}/webhooks");
    let made = world.call("POST", &webhooks, Some(&new("x", &["a"], Value::Null))).await.json();
    let one = format!("{webhooks}/{}", made["locator"].as_str().unwrap());
    let event = json!({"type": "a", "data": {}});
    let event = world.call("POST", "/events", Some(&event)).await.json()["id"].as_str().unwrap().to_owned();
    let none = [json!({}), json!({})];
    // Each route cold and then warm: what it is asked, and the two budgets.
    let steps = [
        ("POST", webhooks.clone(), [new("y", &["a"], json!({})), new("z", &["a"], json!({}))], 4, 3),
        ("GET", one.clone(), none.clone(), 2, 1),
        ("GET", format!("{webhooks}/list"), none.clone(), 3, 2),
        ("GET", format!("{webhooks}/list?active=true&eventTypes=a"), none.clone(), 3, 2),
        ("PATCH", one.clone(), [json!({"name": "b"}), json!({"addEventTypes": ["b"], "enabled": false})], 3, 2),
        ("PATCH", format!("{one}/unsuspend"), none.clone(), 3, 2),
        ("GET", format!("{one}/diverted"), none.clone(), 3, 2),
        ("GET", format!("{base}/events/{event}"), none.clone(), 2, 1),
        ("GET", format!("{base}/events/request/r"), none.clone(), 2, 1),
        ("DELETE", one, none, 3, 2),
    ];
    for (method, path, bodies, cold, warm) in steps {
        world.stack.kill_functions().await;
        for (body, budget) in bodies.iter().zip([cold, warm]) {
            proxy.take();
            let reply = world.call(method, &path, Some(body)).await;
            assert!(matches!(reply.status, 200 | 204 | 404), "{method} {path}: {}", reply.text);
            let calls = proxy.take();
            assert!(calls.len() <= budget, "{method} {path} {body}: {calls:?} exceeds {budget}");
        }
    }
}
