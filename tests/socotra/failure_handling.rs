//! What `failureHandling` makes of failures, as its guide says (docs/apis/socotra.md).

use serde_json::{Value, json};

use super::{SECRET, Socotra};
use crate::support::{alike, body_of, verifies};

#[tokio::test(flavor = "multi_thread")]
async fn unspecified_it_is_indifferent_to_failures() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 500, "times": 1})).await;
    let locator = socotra.webhook("x", &["a"], Value::Null).await;
    socotra.publish("a", json!({"n": 1})).await;
    socotra.world.received("example.com/x", 1).await;
    socotra.publish("a", json!({"n": 2})).await;
    let arrived = socotra.arrived("x", 1).await;
    assert_eq!((arrived.len(), &body_of(&arrived[0])["data"]), (1, &json!({"n": 2})), "not retried");
    assert_eq!(socotra.shown(&locator).await["suspended"], false);
    assert_eq!(socotra.call("GET", &format!("/webhooks/{locator}/diverted"), None).await.text, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_triggers_count_as_failures() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 503, "times": 1})).await;
    let policy = json!({"triggers": ["4xx", "500", "timeout"], "divert": true, "suspend": true,
        "retryStrategy": {"type": "linear", "interval": 1}});
    let locator = socotra.webhook("x", &["a"], json!({"failureHandling": policy})).await;
    socotra.publish("a", json!({"n": 1})).await;
    socotra.world.received("example.com/x", 1).await;
    socotra.publish("a", json!({"n": 2})).await;
    assert_eq!(body_of(&socotra.arrived("x", 1).await[0])["data"], json!({"n": 2}));
    assert_eq!(socotra.shown(&locator).await["suspended"], false);
    assert_eq!(socotra.call("GET", &format!("/webhooks/{locator}/diverted"), None).await.text, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_triggered_failure_is_retried_as_often_as_the_strategy_says() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 503, "times": 1})).await;
    let policy = json!({"retryStrategy": {"type": "exponential", "interval": 1, "attempts": 2}});
    socotra.webhook("x", &["a"], json!({"failureHandling": policy})).await;
    let event = socotra.publish("a", json!({"n": 1})).await;
    let arrived = socotra.arrived("x", 1).await;
    assert_eq!(arrived[0]["headers"]["webhook-id"], json!(event), "the same event, under the same id");
    assert_eq!(socotra.world.received("example.com/x", 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn alert_divert_and_suspend_go_together() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 404, "body": "no such hook", "times": 1})).await;
    let policy = json!({"triggers": ["404"], "divert": true, "suspend": true,
        "alertEndpoint": {"url": "https://example.com/alerts", "headers": {"X-Alert": ["one", "two"]},
            "hmacEnabled": true, "secret": SECRET}});
    let locator = socotra.webhook("x", &["a"], json!({"failureHandling": policy})).await;
    let one = format!("/webhooks/{locator}");
    let event = socotra.publish("a", json!({"n": 1})).await;
    socotra.until(&one, |webhook| webhook["suspended"] == true && webhook["suspendedAt"].is_string()).await;
    let diverted = socotra.call("GET", &format!("{one}/diverted/{event}"), None).await.json();
    assert_eq!(
        (&diverted["failureTrigger"], &diverted["failureMessage"]),
        (&json!("404"), &json!("HTTP 404: no such hook"))
    );
    let notice = socotra.arrived("alerts", 1).await.remove(0);
    assert_eq!(notice["headers"]["x-alert"], "one, two");
    assert!(verifies(&notice, SECRET));
    let told = body_of(&notice);
    for field in ["eventLocator", "requestLocator", "failureMessage", "failureTimestamp", "failureTrigger"] {
        assert_eq!(told[field], diverted[field], "{field}");
    }
    assert_eq!(told["webhookLocator"], json!(locator));
    insta::assert_snapshot!(alike(notice["body"].as_str().unwrap()), @r#"{"webhookLocator":"[ulid]","webhookName":"x","eventLocator":"[ulid]","requestLocator":"[ulid]","failureMessage":"HTTP 404: no such hook","failureTimestamp":"[moment]","failureTrigger":"404"}"#);
    // What was diverted is not sent again when the suspension ends; what comes then is.
    socotra.call("PATCH", &format!("{one}/unsuspend"), None).await;
    socotra.publish("a", json!({"n": 2})).await;
    assert_eq!(body_of(&socotra.arrived("x", 1).await[0])["data"], json!({"n": 2}));
}
