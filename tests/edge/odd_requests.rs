//! Requests that no client of good will sends are answered in the API's shape: never a 502.

use serde_json::{Value, json};
use shared::domain::Api;

use super::collection;
use crate::{support::World, template::functions};

/// A gateway's event for the function, with that token.
fn event(token: &str) -> Value {
    json!({
        "resource": "/events", "path": "/events", "httpMethod": "GET",
        "headers": {"Authorization": format!("Bearer {token}")}, "multiValueHeaders": {"Authorization": [format!("Bearer {token}")]},
        "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null,
        "requestContext": {"domainName": "a.example", "path": "/prod/events", "httpMethod": "GET", "requestId": "r",
            "identity": {"sourceIp": "203.0.113.9"}},
        "body": null, "isBase64Encoded": false
    })
}

/// What is done to the event: these members are replaced.
fn changes() -> Vec<Value> {
    let commas = ",".repeat(53_000);
    let header = |name: &str, value: &str| json!({"headers": {name: value}, "multiValueHeaders": {name: [value]}});
    let mut changes = vec![
        json!({"multiValueQueryStringParameters": {commas.as_str(): [commas.as_str()]}, "queryStringParameters": {commas.as_str(): ""}}),
        json!({"path": "/%", "requestContext": {"path": "/%zz%FF"}}),
        json!({"path": "/é\u{0}//..", "resource": null}),
        json!({"isBase64Encoded": true, "body": "%%%"}),
        json!({"isBase64Encoded": true, "body": "/w=="}),
        json!({"isBase64Encoded": "yes", "body": 1}),
        json!({"multiValueHeaders": null, "headers": null}),
        json!({"headers": {"a b": "c", "": "d", "X\n": "e"}, "multiValueHeaders": {"Authorization": [null, 1]}}),
        json!({"requestContext": {"http": {"method": "a b", "sourceIp": "x"}, "identity": null}, "rawPath": "/x", "rawQueryString": "%zz&&=%FF"}),
        json!({"version": "2.0", "httpMethod": 1, "path": 2, "requestContext": 3}),
    ];
    for field in
        ["path", "httpMethod", "headers", "multiValueHeaders", "requestContext", "body", "isBase64Encoded", "resource"]
    {
        changes.push(json!({field: null}));
    }
    for name in
        ["Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-For", "Authorization", "Content-Type", "Accept"]
    {
        let long = "h".repeat(300);
        changes.extend(["a b", "", "é", "[::1", "\u{0}", "\r\nX: y", long.as_str()].map(|value| header(name, value)));
    }
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_answers_every_odd_event() {
    let world = World::new().await;
    let served = functions().into_iter().filter(|function| !function.routes.is_empty());
    for function in served {
        for change in changes() {
            let mut event = event(&world.token);
            for (name, value) in change.as_object().unwrap() {
                event[name] = value.clone();
            }
            let answer = world.stack.invoke(&function.id, &event).await;
            let shown: String = change.to_string().chars().take(200).collect();
            let answer = answer.unwrap_or_else(|error| panic!("{} with {shown}: {error}", function.id));
            let status = answer["statusCode"].as_u64().unwrap_or_default();
            assert!((200..500).contains(&status), "{} with {shown}: {answer}", function.id);
            let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or("{}")).unwrap();
            assert!(body.is_object() || body.is_array(), "{} with {shown}: {answer}", function.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_are_answered_in_each_apis_shape() {
    let world = World::new().await;
    let commas = ",".repeat(53_000);
    for &api in Api::ALL {
        let list = collection(&world, api);
        let read = if api == Api::Socotra { format!("{list}/list") } else { list.clone() };
        let bearer = format!("Bearer {}", world.token);
        let auth = ("Authorization", bearer.as_str());
        let plain = world.raw("GET", &read, &[auth], "").await;
        assert_eq!(plain.status, 200, "{}", plain.text);
        // The local stack refuses a foreign Host by itself; `every_function_answers_every_odd_event` has those.
        for (name, value) in [("X-Forwarded-Proto", "a b"), ("X-Forwarded-Port", "x"), ("X-Forwarded-For", "é")] {
            let odd = world.raw("GET", &read, &[auth, (name, value)], "").await;
            assert_eq!((odd.status, &odd.text), (200, &plain.text), "{api}: {name}");
        }
        for query in [commas.as_str(), "%zz=%", "%FF=%00", "a[]=%C3%28&&==&", "x=%E2%82"] {
            let odd = world.raw("GET", &format!("{read}?{query}"), &[auth], "").await;
            assert!(matches!(odd.status, 200 | 400), "{api}: {} {}", odd.status, odd.text);
        }
        for id in ["%", "%zz", "%FF%00", "é", "%2e%2e", "a%0d%0ab"] {
            let odd = world.raw("GET", &format!("{}/{id}", list.trim_end_matches('/')), &[auth], "").await;
            let keys: Vec<_> = odd.json().as_object().unwrap().keys().cloned().collect();
            let shape = ["detail", "status", "statusCode", "httpStatusCode"];
            assert!(
                odd.status == 404 && keys.iter().any(|key| shape.contains(&key.as_str())),
                "{api} {id}: {}",
                odd.text
            );
        }
    }
}
