//! From publishing an event to what the receiver gets.

use serde_json::{Value, json};

use super::{SECRET, Socotra};
use crate::support::{alike, body_of, verifies};

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_the_event_with_its_headers_and_a_signature_that_verifies() {
    let socotra = Socotra::new().await;
    let endpoint = json!({"endpoint": {"headers": {"X-Api-Key": ["one", "two"], "Host": ["evil"], "X-Env": ["test"]},
        "hmacEnabled": true, "secret": SECRET}});
    socotra.webhook("signed", &["policy.account.create"], endpoint).await;
    socotra.webhook("plain", &["policy.account.create", "policy.account.update"], Value::Null).await;
    // The same type in another case is another type, and a prefix is none.
    socotra.webhook("others", &["policy.account", "policy.account.Create"], Value::Null).await;
    socotra.publish("policy.account.update", json!({"n": 1})).await;
    socotra.arrived("plain", 1).await;
    let wanted = socotra.publish("policy.account.create", json!({"name": "Zoë", "n": 2})).await;
    let messages = socotra.arrived("signed", 1).await;
    assert_eq!(messages.len(), 1, "only what it wants: {messages:?}");
    let message = &messages[0];
    let body = body_of(message);
    assert_eq!(body["locator"], wanted);
    insta::assert_snapshot!(alike(message["body"].as_str().unwrap()), @r#"{"locator":"[ulid]","requestId":"[ulid]","userLocator":"[uuid]","timestamp":"[moment]","type":"policy.account.create","data":{"name":"Zoë","n":2}}"#);
    assert_eq!(
        body,
        socotra.call("GET", &format!("/events/{wanted}"), None).await.json(),
        "as the events route shows it"
    );
    let header = |name: &str| message["headers"][name].clone();
    assert_eq!((header("x-api-key"), header("x-env")), (json!("one, two"), json!("test")));
    assert_eq!((header("content-type"), header("webhook-id")), (json!("application/json"), json!(wanted)));
    assert!(!header("host").as_str().unwrap().contains("evil"));
    assert!(verifies(message, SECRET));
    assert!(!verifies(message, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let plain = socotra.arrived("plain", 2).await;
    assert_eq!(plain[1]["headers"]["webhook-signature"], Value::Null);
    assert!(socotra.world.messages().await.iter().all(|message| message["path"] != "/example.com/others"));
    let logs = socotra.world.logs().join("\n");
    assert!(!logs.contains("example.com") && !logs.contains("whsec_"), "{logs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_during_a_suspension_are_kept_and_arrive_in_order_when_it_ends() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 403, "times": 1})).await;
    let policy = json!({"failureHandling": {"triggers": ["4xx"], "suspend": true}});
    let locator = socotra.webhook("x", &["a"], policy).await;
    socotra.webhook("control", &["a"], Value::Null).await;
    let one = format!("/webhooks/{locator}");
    assert_eq!(socotra.shown(&locator).await.get("suspendedAt"), None);
    socotra.publish("a", json!({"n": 1})).await;
    let suspended = socotra.until(&one, |webhook| webhook["suspended"] == true).await;
    assert!(suspended["suspendedAt"].as_str().is_some_and(|at| at.ends_with('Z')), "{suspended}");
    assert_eq!(suspended["enabled"], true, "the owner's switch is another");
    for n in [2, 3] {
        socotra.publish("a", json!({"n": n})).await;
    }
    socotra.arrived("control", 3).await;
    assert_eq!(socotra.arrived("x", 0).await, Vec::<Value>::new());
    let unsuspended = socotra.call("PATCH", &format!("{one}/unsuspend"), None).await;
    assert_eq!((unsuspended.status, unsuspended.text.as_str()), (204, ""));
    let bodies: Vec<_> = socotra.arrived("x", 3).await.iter().map(|message| message["body"].clone()).collect();
    for (body, n) in bodies.iter().zip(1..) {
        assert!(body.as_str().unwrap().contains(&format!(r#""n":{n}"#)), "{bodies:?}");
    }
    let shown = socotra.shown(&locator).await;
    assert_eq!((&shown["suspended"], shown.get("suspendedAt")), (&json!(false), None));
    // Lifting what is not there is no error.
    assert_eq!(socotra.call("PATCH", &format!("{one}/unsuspend"), None).await.status, 204);
}
