//! Diverted events.

use serde_json::{Value, json};

use super::Socotra;
use crate::support::alike;

fn locators(listed: &Value) -> Vec<String> {
    listed.as_array().unwrap().iter().map(|event| event["eventLocator"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_endpoint_refuses_is_listed_fetched_sent_again_and_deleted() {
    let socotra = Socotra::new().await;
    socotra.behave("x", &json!({"status": 400, "body": "bad", "times": 3})).await;
    let policy = json!({"failureHandling": {"triggers": ["4xx"], "divert": true}});
    let locator = socotra.webhook("x", &["a"], policy).await;
    let diverted = format!("/webhooks/{locator}/diverted");
    assert_eq!(socotra.call("GET", &diverted, None).await.text, "[]");
    let mut published = Vec::new();
    for n in 1..=3 {
        published.push(socotra.publish("a", json!({"n": n})).await);
        socotra.until(&diverted, |listed| listed.as_array().unwrap().len() == n).await;
    }
    let listed = socotra.call("GET", &diverted, None).await;
    assert_eq!(locators(&listed.json()), published, "oldest event first");
    insta::assert_snapshot!(alike(&listed.json()[0].to_string()), @r#"{"eventLocator":"[ulid]","requestLocator":"[ulid]","failureMessage":"HTTP 400: bad","failureTimestamp":"[moment]","failureTrigger":"400"}"#);
    for (query, expected) in [("offset=1&count=1", 1..2), ("offset=2", 2..3), ("offset=3", 3..3), ("count=0", 0..0)] {
        let part = socotra.call("GET", &format!("{diverted}?{query}"), None).await.json();
        assert_eq!(locators(&part), published[expected], "{query}");
    }
    for query in ["count=-1", "offset=x", "count=201"] {
        assert_eq!(socotra.call("GET", &format!("{diverted}?{query}"), None).await.status, 400, "{query}");
    }
    let one = |n: usize| format!("{diverted}/{}", published[n]);
    let first = socotra.call("GET", &one(0), None).await;
    assert_eq!((first.status, first.json()), (200, listed.json()[0].clone()));
    // Sent again, it is pending and listed no more; it arrives.
    let resent = socotra.call("POST", &format!("{}/resend", one(0)), None).await;
    assert_eq!((resent.status, resent.json()), (200, first.json()));
    assert!(socotra.arrived("x", 1).await[0]["body"].as_str().unwrap().contains(r#""n":1"#));
    assert_eq!(socotra.call("GET", &one(0), None).await.status, 404);
    assert_eq!(socotra.call("POST", &format!("{}/resend", one(0)), None).await.status, 404);
    assert_eq!(socotra.call("DELETE", &one(0), None).await.status, 404);
    // If it fails again, it is diverted again.
    socotra.behave("x", &json!({"status": 422, "times": 1})).await;
    socotra.call("POST", &format!("{}/resend", one(1)), None).await;
    let again = socotra.until(&one(1), |found| found["failureTrigger"] == "422").await;
    assert_eq!(again["failureMessage"], "HTTP 422");
    let deleted = socotra.call("DELETE", &one(1), None).await;
    assert_eq!((deleted.status, deleted.json()), (200, again));
    assert_eq!(socotra.call("DELETE", &one(1), None).await.status, 404);
    assert_eq!(locators(&socotra.call("GET", &diverted, None).await.json()), published[2..]);
}
