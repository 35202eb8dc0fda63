//! Listing webhooks.

use serde_json::{Value, json};

use super::Socotra;

/// The names that a query lists.
async fn names(socotra: &Socotra, query: &str) -> Vec<String> {
    let listed = socotra.call("GET", &format!("/webhooks/list?{query}"), None).await.json();
    listed.as_array().unwrap().iter().map(|webhook| webhook["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_offsets_and_counts() {
    let socotra = Socotra::new().await;
    socotra.behave("suspended", &json!({"status": 403})).await;
    socotra.webhook("a", &["x.created", "x.updated"], Value::Null).await;
    socotra.webhook("b", &["x.created"], json!({"enabled": false})).await;
    socotra.webhook("c", &[], Value::Null).await;
    let policy = json!({"failureHandling": {"triggers": ["4xx"], "suspend": true}});
    let last = socotra.webhook("suspended", &["y"], policy).await;
    socotra.publish("y", json!({})).await;
    socotra.until(&format!("/webhooks/{last}"), |webhook| webhook["suspended"] == true).await;
    for (query, expected) in [
        ("", "a b c suspended"),
        ("unknown=1&offset=", "a b c suspended"),
        ("name=a", "a"),
        ("name=A", ""),
        ("name=susp", ""),
        ("enabled=false", "b"),
        ("suspended=true", "suspended"),
        ("active=true", "a c"),
        ("active=false", "b suspended"),
        ("active=true&enabled=true&suspended=false&name=c", "c"),
        ("eventTypes=x.created", "a b"),
        ("eventTypes=x.updated&eventTypes=y", "a suspended"),
        ("eventTypes=x.updated,y", "a suspended"),
        ("eventTypes=x.updated,%20y&eventTypes=x.created", "a b suspended"),
        ("eventTypes=x", ""),
        ("offset=1&count=2", "b c"),
        ("offset=3", "suspended"),
        ("offset=4", ""),
        ("offset=2147483647", ""),
        ("count=0", ""),
        ("offset=4&count=0", ""),
        ("active=false&offset=1", "suspended"),
        ("active=false&offset=2", ""),
        ("active=false&count=1", "b"),
    ] {
        assert_eq!(names(&socotra, query).await.join(" "), expected, "{query}");
    }
    for (query, completed) in [("count=3", false), ("count=4", true), ("offset=4", true), ("count=0", false)] {
        let page = socotra.call("GET", &format!("/webhooks/list?extended=true&{query}"), None).await.json();
        assert_eq!(page["listCompleted"], completed, "{query}");
    }
    let mut refused = Vec::new();
    for query in ["count=-1", "offset=-1", "count=x&offset=1.5&enabled=2", "count=201", "suspended=yes", "extended=1"] {
        refused.push(format!(
            "{query}\n  {}",
            socotra.call("GET", &format!("/webhooks/list?{query}"), None).await.shown()
        ));
    }
    insta::assert_snapshot!(refused.join("\n"));
}
