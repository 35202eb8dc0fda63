//! What a PATCH means for deliveries.

use serde_json::{Value, json};

use super::{SECRET, Socotra};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_and_added_in_one_request_is_there() {
    let socotra = Socotra::new().await;
    let more = json!({"endpoint": {"headers": {"X-Kept": ["old", "older"]}}, "failureHandling": {"triggers": ["5xx"]}});
    let locator = socotra.webhook("x", &["kept", "gone"], more).await;
    let both = json!({
        "removeEventTypes": ["kept", "gone"], "addEventTypes": ["kept"],
        "endpoint": {"removeHeaders": ["x-kept"], "addHeaders": {"X-Kept": ["new"]}},
        "failureHandling": {"removeTriggers": ["5xx"], "addTriggers": ["5xx"]},
    });
    let changed = socotra.call("PATCH", &format!("/webhooks/{locator}"), Some(&both)).await.json();
    assert_eq!(changed["eventTypes"], json!(["kept"]));
    assert_eq!(changed["endpoint"]["headers"], json!({"X-Kept": ["new"]}));
    assert_eq!(changed["failureHandling"]["triggers"], json!(["5xx"]));
    assert_eq!(socotra.shown(&locator).await, changed);
    socotra.webhook("control", &["kept", "gone"], Value::Null).await;
    socotra.publish("gone", json!({"n": 1})).await;
    socotra.arrived("control", 1).await;
    socotra.publish("kept", json!({"n": 2})).await;
    let arrived = socotra.arrived("x", 1).await;
    assert_eq!((arrived.len(), &arrived[0]["headers"]["x-kept"]), (1, &json!("new")));
    assert!(arrived[0]["body"].as_str().unwrap().contains(r#""n":2"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switches_count_when_an_event_happens() {
    let socotra = Socotra::new().await;
    let more = json!({"enabled": false, "endpoint": {"secret": SECRET}});
    let one = format!("/webhooks/{}", socotra.webhook("x", &["a"], more).await);
    socotra.webhook("control", &["a"], Value::Null).await;
    socotra.publish("a", json!({"n": 1})).await;
    socotra.arrived("control", 1).await;
    socotra.call("PATCH", &one, Some(&json!({"enabled": true}))).await;
    socotra.publish("a", json!({"n": 2})).await;
    let first = socotra.arrived("x", 1).await;
    assert!(first[0]["body"].as_str().unwrap().contains(r#""n":2"#), "what happens while disabled is not queued");
    assert_eq!(first[0]["headers"]["webhook-signature"], Value::Null, "a secret that is only kept signs nothing");
    let signing = json!({"endpoint": {"hmacEnabled": true}});
    assert_eq!(socotra.call("PATCH", &one, Some(&signing)).await.json()["endpoint"]["hmacEnabled"], true);
    socotra.publish("a", json!({"n": 3})).await;
    assert!(socotra.arrived("x", 2).await[1]["headers"]["webhook-signature"].is_string());
    let moved = json!({"endpoint": {"url": "https://example.com/y", "hmacEnabled": false}, "name": "moved"});
    let moved = socotra.call("PATCH", &one, Some(&moved)).await.json();
    assert_eq!((&moved["name"], &moved["endpoint"]["secret"]), (&json!("moved"), &json!("***")), "it is kept");
    socotra.publish("a", json!({"n": 4})).await;
    assert_eq!(socotra.arrived("y", 1).await[0]["headers"]["webhook-signature"], Value::Null);
    assert_eq!(socotra.call("DELETE", &one, None).await.status, 204);
    assert_eq!(socotra.call("DELETE", &one, None).await.status, 404);
}
