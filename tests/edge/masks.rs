//! Nobody is shown by a write what he may not read.

use serde_json::{Value, json};
use shared::domain::{
    Api,
    Permission::{DivertedEventsDelete, DivertedEventsResend, WebhooksList, WebhooksRead, WebhooksWrite},
};

use super::collection;
use crate::support::World;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A webhook of Socotra's whose every credential can be told from the others.
fn socotra() -> Value {
    let endpoint = |name: &str, secret: &str| {
        json!({"url": format!("https://example.com/url-{name}"), "headers": {"X-Key": [format!("header-{name}")]},
            "hmacEnabled": true, "secret": secret})
    };
    json!({"name": "n", "enabled": true, "endpoint": endpoint("own", SECRET), "eventTypes": [],
        "failureHandling": {"alertEndpoint": endpoint("alert", OTHER)}})
}

const CREDENTIALS: [&str; 6] = ["url-own", "url-alert", "header-own", "header-alert", SECRET, OTHER];

/// Which of the credentials are in the text.
fn shown(text: &str) -> Vec<&'static str> {
    CREDENTIALS.into_iter().filter(|credential| text.contains(credential)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn socotra_shows_a_secret_once_and_nothing_to_who_may_not_read() {
    let world = World::new().await;
    let list = collection(&world, Api::Socotra);
    let writer = world.user("ann", &[WebhooksWrite]).await;
    let both = world.user("bob", &[WebhooksWrite, WebhooksRead, WebhooksList]).await;
    let made = world.ask(&both, "POST", &list, Some(&socotra())).await;
    assert_eq!(shown(&made.text), CREDENTIALS, "who may read sees what he made: {}", made.text);
    let one = format!("{list}/{}", made.json()["locator"].as_str().unwrap());
    for path in [one.clone(), format!("{list}/list"), format!("{list}/list?extended=true&name=n")] {
        let read = world.ask(&both, "GET", &path, None).await;
        assert_eq!(shown(&read.text), CREDENTIALS[..4], "{path}: {}", read.text);
        assert_eq!(read.text.matches(r#""secret":"***""#).count(), 2, "{}", read.text);
    }
    let patch = async |token: &str, body: Value| {
        let reply = world.ask(token, "PATCH", &one, Some(&body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        shown(&reply.text)
    };
    assert_eq!(patch(&both, json!({})).await, CREDENTIALS[..4]);
    assert_eq!(patch(&both, json!({"endpoint": {"secret": SECRET}})).await, CREDENTIALS[..5]);
    let alert = json!({"failureHandling": {"alertEndpoint": {"secret": OTHER}}});
    assert_eq!(patch(&both, alert).await, ["url-own", "url-alert", "header-own", "header-alert", OTHER]);
    assert_eq!(patch(&writer, json!({})).await, [""; 0]);
    assert_eq!(
        patch(&writer, json!({"name": "m", "endpoint": {"secret": SECRET, "addHeaders": {"B": ["x"]}}})).await,
        [""; 0]
    );
    assert_eq!(patch(&writer, json!({"endpoint": {"url": "https://example.com/url-own"}})).await, ["url-own"]);
    let made = world.ask(&writer, "POST", &list, Some(&socotra())).await;
    assert_eq!((made.status, shown(&made.text)), (200, vec!["url-own", "url-alert"]), "{}", made.text);
    assert_eq!(world.ask(&writer, "GET", &one, None).await.status, 403);
    let masked = json!({"endpoint": {"secret": "***"}});
    let refused = world.ask(&both, "PATCH", &one, Some(&masked)).await;
    assert_eq!(refused.status, 400, "the mask is no secret: {}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn akinon_shows_nothing_to_who_may_not_read() {
    let world = World::new().await;
    let list = collection(&world, Api::Akinon);
    let [writer, lister] = [world.user("ann", &[WebhooksWrite]).await, world.user("bob", &[WebhooksList]).await];
    let both = world.user("cid", &[WebhooksWrite, WebhooksRead, WebhooksList]).await;
    let body =
        json!({"name": "n", "url": "https://example.com/url-own", "headers": {"X-Key": "header-own"}, "events": []});
    let made = world.ask(&both, "POST", &list, Some(&body)).await;
    assert_eq!(shown(&made.text), ["url-own", "header-own"]);
    assert!(made.json()["signingSecret"].as_str().unwrap().starts_with("whsec_"));
    let one = format!("{list}/{}", made.json()["_id"].as_str().unwrap());
    let ask = async |token: &str, method: &str, path: &str, body: Value| {
        let reply = world.ask(token, method, path, Some(&body).filter(|body| !body.is_null())).await;
        assert!(
            reply.status < 300 && !reply.text.contains("whsec_"),
            "{method} {path}: {} {}",
            reply.status,
            reply.text
        );
        shown(&reply.text)
    };
    for (method, path) in [("GET", &one), ("GET", &list), ("PATCH", &one)] {
        let body = if method == "PATCH" { json!({}) } else { Value::Null };
        assert_eq!(ask(&both, method, path, body).await, ["url-own", "header-own"], "{method} {path}");
    }
    assert_eq!(ask(&lister, "GET", &list, Value::Null).await, [""; 0]);
    for body in [json!({}), json!({"name": "m"}), json!({"headers": {"X-Key": "header-own"}}), json!({"active": false})]
    {
        assert_eq!(ask(&writer, "PATCH", &one, body.clone()).await, [""; 0], "{body}");
    }
    assert_eq!(ask(&writer, "PATCH", &one, json!({"url": "https://example.com/url-own"})).await, ["url-own"]);
    assert_eq!(ask(&writer, "POST", &list, body).await, ["url-own"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_resend_or_delete_a_diverted_event_is_not_told_what_the_endpoint_said() {
    let world = World::new().await;
    let list = collection(&world, Api::Socotra);
    let mut body = socotra();
    body["eventTypes"] = json!(["a"]);
    body["failureHandling"] = json!({"divert": true});
    let made = world.ask(&world.token, "POST", &list, Some(&body)).await.json();
    let diverted = format!("{list}/{}/diverted", made["locator"].as_str().unwrap());
    world.receiver("example.com/url-own", &json!({"status": 422, "body": "a reply of the endpoint"})).await;
    let event = world.event("a", None, &json!({})).await;
    world.eventually(&diverted, |body| body.as_array().is_some_and(|events| events.len() == 1)).await;
    let one = format!("{diverted}/{event}");
    let told = async |token: &str, method: &str, path: &str| {
        let reply = world.ask(token, method, path, None).await;
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text);
        reply.json()["failureMessage"].as_str().unwrap().to_owned()
    };
    let reader = told(&world.token, "GET", &one).await;
    assert!(reader != "***" && !reader.is_empty(), "{reader}");
    let resender = world.user("ann", &[DivertedEventsResend]).await;
    assert_eq!(told(&resender, "POST", &format!("{one}/resend")).await, "***");
    world.eventually(&diverted, |body| body.as_array().is_some_and(|events| events.len() == 1)).await;
    let deleter = world.user("bob", &[DivertedEventsDelete]).await;
    assert_eq!(told(&deleter, "DELETE", &one).await, "***");
}
