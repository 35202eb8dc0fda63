//! Every endpoint of docs/apis/socotra.md, as full replies, and every error.

use serde_json::{Value, json};

use super::{SECRET, Socotra, new};

fn line(method: &str, path: &str, body: &Value, reply: &crate::support::Reply) -> String {
    let sent = if body.is_null() { String::new() } else { format!(" {body}") };
    let mut line = format!("{method} {path}{sent}\n  {}", reply.shown());
    for name in ["x-amzn-remapped-www-authenticate", "allow"] {
        if let Some(value) = reply.headers.get(name) {
            line.push_str(&format!("\n  {name}: {}", value.to_str().unwrap()));
        }
    }
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_as_documented() {
    let socotra = Socotra::new().await;
    let full = json!({
        "name": "Policy events", "enabled": true, "useAutomationPlugin": false,
        "endpoint": {"url": "https://example.com/policies?x=y", "headers": {"X-Api-Key": ["one", "two"], "X-Env": ["test"]},
            "secureSsl": true, "hmacEnabled": true, "secret": SECRET, "tag": "primary"},
        "failureHandling": {"triggers": ["404", "5xx", "timeout"], "divert": true, "suspend": true,
            "retryStrategy": {"type": "exponential", "interval": 30, "attempts": 5},
            "alertEndpoint": {"url": "https://example.com/alerts", "headers": {"X-Alert": ["yes"]}}},
        "eventTypes": ["policy.account.create", "policy.quote.manualUnderwrite"],
    });
    let mut shown = Vec::new();
    let mut ask = async |method: &str, path: &str, body: Value| {
        let reply = socotra.call(method, path, Some(&body).filter(|body| !body.is_null())).await;
        shown.push(line(method, path, &body, &reply).replace("[ulid]", "[locator]"));
        reply.json()
    };
    ask("GET", "/webhooks/list", Value::Null).await;
    let made = ask("POST", "/webhooks", full).await;
    ask("POST", "/webhooks/", new("minimal", &[], Value::Null)).await;
    let one = format!("/webhooks/{}", made["locator"].as_str().unwrap());
    ask("GET", &one, Value::Null).await;
    ask("GET", "/webhooks/list?count=1", Value::Null).await;
    ask("GET", "/webhooks/list?count=1&extended=true", Value::Null).await;
    ask("PATCH", &one, json!({})).await;
    let update = json!({
        "name": "Account events", "enabled": false,
        "endpoint": {"url": "https://example.com/accounts", "addHeaders": {"x-env": ["prod"]},
            "removeHeaders": ["X-API-KEY", "X-Env"], "hmacEnabled": false},
        "failureHandling": {"removeTriggers": ["404", "timeout"], "addTriggers": ["timeout"], "removeAlertEndpoint": true,
            "retryStrategy": {"attempts": 1}, "suspend": false},
        "addEventTypes": ["policy.account.update"], "removeEventTypes": ["policy.quote.manualUnderwrite"],
    });
    ask("PATCH", &one, update).await;
    ask("PATCH", &one, json!({"removeFailureHandling": true})).await;
    ask("PATCH", &format!("{one}/unsuspend"), Value::Null).await;
    ask("GET", &format!("{one}/diverted"), Value::Null).await;
    ask("DELETE", &one, Value::Null).await;
    ask("GET", &one, Value::Null).await;
    let locator = made["locator"].as_str().unwrap();
    insta::assert_snapshot!(shown.join("\n").replace(locator, "[locator]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_its_place() {
    let socotra = Socotra::new().await;
    let locator = socotra.webhook("one", &["a"], Value::Null).await;
    let base = format!("/event/{}", socotra.tenant);
    let bearer = format!("Bearer {}", socotra.world.token);
    let member = format!("Bearer {}", socotra.world.stack.ready().tokens.member);
    let mut shown = Vec::new();
    let mut ask = async |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let reply = socotra.world.raw(method, &format!("{base}{path}"), headers, body).await;
        shown.push(line(method, path, &Value::Null, &reply) + &format!("\n  for {body:.150}"));
    };
    let one = format!("/webhooks/{locator}");
    let unknown = "/webhooks/01JQNX4T2B0000000000000001";
    let auth: &[_] = &[("Authorization", bearer.as_str())];
    // The token, then the tenant, then the permission, then the webhook, then the body.
    ask("GET", &one, &[], "").await;
    ask("GET", &one, &[("Authorization", "Bearer")], "").await;
    ask("GET", &one, &[("Authorization", "Bearer nope")], "").await;
    ask("GET", &one, &[("Authorization", "Basic YTpi")], "").await;
    ask("GET", unknown, &[("Authorization", &member)], "").await;
    ask("POST", "/webhooks", &[("Authorization", &member)], "{").await;
    ask("GET", unknown, auth, "").await;
    ask("PATCH", unknown, auth, "{").await;
    ask("DELETE", unknown, auth, "").await;
    ask("PATCH", &format!("{unknown}/unsuspend"), auth, "").await;
    ask("GET", &format!("{unknown}/diverted"), auth, "").await;
    ask("GET", &one.to_lowercase(), auth, "").await;
    ask("GET", "/webhooks/nope", auth, "").await;
    ask("GET", &format!("{one}/diverted/01JQNX4T2B0000000000000001"), auth, "").await;
    ask("DELETE", &format!("{one}/diverted/01JQNX4T2B0000000000000001"), auth, "").await;
    ask("POST", &format!("{one}/diverted/01JQNX4T2B0000000000000001/resend"), auth, "").await;
    ask("GET", "/events/01JQNX4T2B0000000000000001", auth, "").await;
    ask("GET", "/events/nope", auth, "").await;
    // Methods and paths.
    ask("GET", "/webhooks", auth, "").await;
    ask("PUT", &one, auth, "{}").await;
    ask("DELETE", "/webhooks/list", auth, "").await;
    ask("OPTIONS", &one, auth, "").await;
    ask("PUT", &one, &[], "").await;
    ask("GET", "/nothing", auth, "").await;
    ask("POST", "/events", auth, "{}").await;
    // Bodies.
    ask("POST", "/webhooks", auth, "").await;
    ask("POST", "/webhooks", auth, "{").await;
    ask("POST", "/webhooks", auth, "[]").await;
    ask("PATCH", &one, auth, "null").await;
    ask("POST", "/webhooks", &[("Authorization", &bearer), ("Content-Type", "text/plain")], "{}").await;
    let wrong = json!({"name": "", "enabled": 1, "endpoint": {"url": "http://example.com/", "headers": {"x": "y"},
        "secureSsl": false, "hmacEnabled": true, "secret": "s", "tag": 1},
        "failureHandling": {"triggers": ["3xx"], "retryStrategy": {"type": "x", "interval": 0, "attempts": 11},
            "alertEndpoint": {}}, "eventTypes": ["a b"]});
    ask("POST", "/webhooks", auth, &wrong.to_string()).await;
    for url in ["https://10.0.0.1/", "https://user@example.com/", "nothing"] {
        ask("POST", "/webhooks", auth, &new("x", &[], json!({"endpoint": {"url": url}})).to_string()).await;
    }
    ask("PATCH", &one, auth, &json!({"endpoint": {"hmacEnabled": true}}).to_string()).await;
    ask("PATCH", &one, auth, &json!({"failureHandling": {"alertEndpoint": {"tag": "t"}}}).to_string()).await;
    let shown = shown.join("\n").replace(&locator, "[locator]");
    insta::assert_snapshot!(shown.replace(&locator.to_lowercase(), "[lower-case locator]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_http_forbids_or_that_are_too_many_are_refused() {
    let socotra = Socotra::new().await;
    let with = |headers: Value| new("x", &[], json!({"endpoint": {"headers": headers}}));
    let mut many = serde_json::Map::new();
    many.extend((0..51).map(|n| (format!("x-{n}"), json!(["v"]))));
    for (headers, message) in [
        (json!({"a b": ["x"]}), "a header name consists of"),
        (json!({"": ["x"]}), "a header name consists of"),
        (json!({"x:": ["x"]}), "a header name consists of"),
        (json!({"x": ["a\r\nHost: evil"]}), "a header's value consists of"),
        (json!({"x": ["a\u{0}"]}), "a header's value consists of"),
        (json!({"x": ["é"]}), "a header's value consists of"),
        (json!({"x": "not a list"}), "must be a map"),
        (json!({"x": [1]}), "must be a map"),
        (json!({"x": ["y".repeat(7_000)]}), "the headers are larger than 6 KB"),
        (Value::Object(many), "there are more than 50 headers"),
    ] {
        let refused = socotra.call("POST", "/webhooks", Some(&with(headers.clone()))).await;
        assert_eq!(refused.status, 400, "{headers}");
        let error = refused.json()["errors"][0].clone();
        assert_eq!(error["field"], "endpoint.headers");
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        assert!(!refused.text.contains("evil"), "no value is repeated");
    }
    let megabyte = with(json!({"x": ["y".repeat(1 << 20)]}));
    let refused = socotra.call("POST", "/webhooks", Some(&megabyte)).await;
    assert_eq!((refused.status, &refused.json()["errorCode"]), (413, &json!("BODY_TOO_LARGE")));
    assert_eq!(socotra.call("GET", "/webhooks/list", None).await.text, "[]", "nothing was made");
}
