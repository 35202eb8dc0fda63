//! What the functions may do is what they do: each permission of the template is used.
//!
//! That nothing is missing is held by every test that runs the real binaries: `support::Proxy` refuses what a function's
//! policy does not allow, and the test fails.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::domain::{OrganizationId, WebhookKey};

use crate::{
    console::{Browser, webhook_that_gets},
    support::{Grants, Proxy, World, granted, root, slack_url, until},
};

/// What Lambda does in a function's name, which no test of ours can see: reading the stream, and giving up a part of it.
const BY_LAMBDA: [(&str, &str); 5] = [
    ("FanOut", "DescribeStream EventsTable.StreamArn"),
    ("FanOut", "GetRecords EventsTable.StreamArn"),
    ("FanOut", "GetShardIterator EventsTable.StreamArn"),
    ("FanOut", "ListStreams EventsTable.StreamArn"),
    ("FanOut", "SendMessage UnprocessedQueue"),
];

/// What is called only when a minute was not enough; the simulated machine has tests of it.
const HANDING_OVER: [(&str, &str); 2] =
    [("Drain", "InvokeFunction outhook-local-drain"), ("Spread", "InvokeFunction outhook-local-spread")];

const FLIP: &str = "/api/webhooks/v4/webhooks";
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";
const REQUEST: &str = "01JQNX4T2B0000000000000001";

/// A client that takes every route by its every turn that calls something else.
struct Tour(World);

impl Tour {
    async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let body = Some(body).filter(|body| !body.is_null());
        let reply = self.0.ask(&self.0.token, method, path, body.as_ref()).await;
        assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text);
        reply.json()
    }

    /// Asks for the path with each of the methods or sub-paths in turn, without a body.
    async fn each(&self, path: &str, turns: &[(&str, &str)]) {
        for (method, below) in turns {
            self.ask(method, &format!("{path}{below}"), Value::Null).await;
        }
    }

    /// Asks twice more, whatever the answer is: the second time the function surely knows the token, and reads the webhook by
    /// itself.
    async fn again(&self, turns: &[(&str, &str)]) {
        for (method, path) in turns {
            self.0.ask(&self.0.token, method, path, None).await;
            self.0.ask(&self.0.token, method, path, None).await;
        }
    }

    /// Publishes once, by an idempotency key, though it asks twice.
    async fn publish(&self, key: &str, path: &str, body: &Value) -> String {
        let authorization = format!("Bearer {}", self.0.token);
        let headers = [("Authorization", authorization.as_str()), ("Idempotency-Key", key)];
        let reply = self.0.raw("POST", path, &headers, &body.to_string()).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let again = self.0.raw("POST", path, &headers, &body.to_string()).await;
        assert_eq!((again.status, &again.text), (201, &reply.text));
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    async fn diverted(&self, path: &str, count: usize) {
        let all = |body: &Value| body["results"].as_array().or(body.as_array()).map_or(0, Vec::len) == count;
        self.0.eventually(path, all).await;
    }
}

async fn sdelements(tour: &Tour) {
    let list = "/api/v2/webhooks";
    let made = tour.ask("POST", list, json!({"name": "n", "url": slack_url("X")})).await;
    let one = format!("{list}/{}", made["id"]);
    let made = tour.ask("POST", &format!("{one}/configs"), json!({"event_source": "CreatedProjectActivity"})).await;
    let configuration = format!("{one}/configs/{}", made["id"]);
    tour.each(list, &[("GET", "")]).await;
    tour.each(&one, &[("GET", ""), ("GET", "/configs"), ("GET", "/status")]).await;
    tour.each(&configuration, &[("GET", "")]).await;
    for changes in [json!({"active": false}), json!({"active": true}), json!({"name": "m"})] {
        tour.ask("PATCH", &one, changes).await;
    }
    for active in [false, true] {
        tour.ask("PATCH", &configuration, json!({"active": active})).await;
    }
    // Two events are refused for good, one of them is sent again, the other by a request to send many again.
    let (refuses, accepts) = (json!({"status": 400}), json!({"status": 200, "body": "ok"}));
    tour.0.behave("X", &refuses).await;
    let activities = "/api/v2/projects/11/activities";
    let first = tour.publish("1", activities, &json!({"name": "CreatedProjectActivity", "data": {}})).await;
    let second = tour.0.publish("2").await;
    let diverted = format!("{one}/deliveries?state=diverted");
    tour.diverted(&diverted, 2).await;
    tour.each(activities, &[("GET", "")]).await;
    tour.0.behave("X", &accepts).await;
    let [first, second] = [first, second].map(|id| format!("{one}/deliveries/{id}"));
    let delivered = |delivery: &Value| delivery["state"] == "delivered";
    tour.each(&first, &[("GET", ""), ("POST", "/resend")]).await;
    tour.0.eventually(&first, delivered).await;
    tour.ask("POST", &format!("{one}/resend"), json!({"state": "diverted"})).await;
    tour.0.eventually(&second, delivered).await;
    // Refused again, it is deleted.
    tour.0.behave("X", &refuses).await;
    tour.each(&second, &[("POST", "/resend")]).await;
    tour.diverted(&diverted, 1).await;
    tour.each(&second, &[("DELETE", "")]).await;
    // An endpoint that is gone suspends.
    tour.0.behave("X", &json!({"status": 404})).await;
    tour.0.publish("3").await;
    tour.0.eventually(&format!("{one}/status"), |status| status["state"] == "suspended").await;
    tour.0.behave("X", &accepts).await;
    tour.each(&one, &[("POST", "/unsuspend"), ("POST", "/pause"), ("POST", "/unpause"), ("POST", "/test")]).await;
    let [configurations, test, resend] = ["configs", "test", "resend"].map(|below| format!("{one}/{below}"));
    let seen = [("GET", one.as_str()), ("GET", &configurations), ("GET", &configuration), ("POST", &test)];
    tour.again(&seen).await;
    tour.again(&[("POST", &resend), ("DELETE", &second)]).await;
    tour.each(&configuration, &[("DELETE", "")]).await;
    tour.each(&one, &[("DELETE", "")]).await;
}

async fn flip(tour: &Tour) {
    let body = json!({"url": "https://flip.example/x", "subscription": {"event_types": ["chat"]}});
    let made = tour.ask("POST", FLIP, body).await;
    let one = format!("{FLIP}/{}", made["id"].as_str().unwrap());
    tour.each(FLIP, &[("GET", "")]).await;
    tour.each(&one, &[("GET", "")]).await;
    tour.again(&[("GET", &one)]).await;
    tour.each(&one, &[("POST", "/pause"), ("POST", "/unpause"), ("DELETE", "")]).await;
}

async fn akinon(tour: &Tour) {
    let organization = &tour.0.stack.ready().akinon_organization;
    let list = format!("/organizations/{organization}/projects/{PROJECT}/settings/webhooks");
    let made = tour.ask("POST", &list, json!({"name": "n", "url": "https://a.example/x", "events": ["a"]})).await;
    let one = format!("{list}/{}", made["_id"].as_str().unwrap());
    tour.each(&list, &[("GET", "")]).await;
    tour.each(&one, &[("GET", "")]).await;
    tour.again(&[("GET", &one)]).await;
    for changes in [json!({"active": false}), json!({"active": true}), json!({"name": "m"})] {
        tour.ask("PATCH", &one, changes).await;
    }
    tour.each(&one, &[("DELETE", "")]).await;
}

async fn socotra(tour: &Tour) {
    let base = format!("/event/{}", tour.0.stack.ready().socotra_tenant);
    let policy = json!({"triggers": ["4xx"], "divert": true, "suspend": false});
    let body = json!({"name": "n", "enabled": true, "endpoint": {"url": "https://s.example/x"}, "eventTypes": ["a"],
        "failureHandling": policy});
    let made = tour.ask("POST", &format!("{base}/webhooks"), body).await;
    let one = format!("{base}/webhooks/{}", made["locator"].as_str().unwrap());
    tour.each(&base, &[("GET", "/webhooks/list")]).await;
    tour.each(&one, &[("GET", "")]).await;
    tour.again(&[("GET", &one)]).await;
    for changes in [json!({"enabled": false}), json!({"enabled": true}), json!({"tag": "t"})] {
        tour.ask("PATCH", &one, changes).await;
    }
    tour.0.receiver("s.example/x", &json!({"status": 400, "times": 2})).await;
    let event = json!({"type": "a", "data": {}, "request": REQUEST});
    let published = [tour.publish("2", "/events", &event).await, tour.publish("3", "/events", &event).await];
    tour.diverted(&format!("{one}/diverted"), 2).await;
    let [first, second] = [0, 1].map(|n| format!("{one}/diverted/{}", published[n]));
    tour.each(&first, &[("GET", ""), ("POST", "/resend")]).await;
    tour.each(&second, &[("DELETE", "")]).await;
    let (diverted, resend) = (format!("{one}/diverted"), format!("{first}/resend"));
    tour.again(&[("GET", &diverted), ("GET", &first), ("POST", &resend), ("DELETE", &second)]).await;
    let events = [
        format!("/events/list?startTimestamp=2000-01-01T00:00:00Z&endTimestamp={}", tour.0.stack.store().clock().now()),
        format!("/events/{}", published[0]),
        format!("/events/request/{REQUEST}"),
    ];
    for path in &events {
        tour.each(&base, &[("GET", path)]).await;
    }
    // A failure that the policy ignores ends the delivery.
    tour.ask("PATCH", &one, json!({"failureHandling": {"addTriggers": ["5xx"], "removeTriggers": ["4xx"]}})).await;
    tour.0.receiver("s.example/x", &json!({"status": 400, "times": 1})).await;
    tour.publish("5", "/events", &json!({"type": "a", "data": {}})).await;
    let ended = |item: &HashMap<String, AttributeValue>| {
        item.get("reason").and_then(|reason| reason.as_s().ok()).is_some_and(|reason| reason.contains("ignores"))
    };
    until("the delivery that is ended", async || tour.0.scan("DeliveriesTable").await.iter().any(ended)).await;
    tour.0.receiver("s.example/x", &json!({"status": 404, "times": 1})).await;
    tour.ask("PATCH", &one, json!({"failureHandling": {"addTriggers": ["4xx"], "suspend": true}})).await;
    tour.publish("4", "/events", &json!({"type": "a", "data": {}})).await;
    tour.ask(
        "POST",
        "/events",
        json!({"events": [{"type": "b", "data": {}}, {"type": "b", "data": {}, "id_key": "5"}]}),
    )
    .await;
    tour.0.eventually(&one, |webhook| !webhook["suspendedAt"].is_null()).await;
    tour.each(&one, &[("PATCH", "/unsuspend"), ("DELETE", "")]).await;
}

async fn operations(tour: &Tour) {
    let made = tour.ask("POST", "/api/v2/webhooks", json!({"name": "n", "url": slack_url("O")})).await;
    let configurations = format!("/api/v2/webhooks/{}/configs", made["id"]);
    tour.ask("POST", &configurations, json!({"event_source": "CreatedProjectActivity"})).await;
    let list = "/operations/webhooks";
    let one = format!("{list}/sdelements:{}", made["id"]);
    tour.each(list, &[("GET", "")]).await;
    tour.each(&one, &[("GET", ""), ("POST", "/pause"), ("POST", "/unpause"), ("POST", "/test")]).await;
    tour.0.behave("O", &json!({"status": 400})).await;
    let ids = [tour.0.publish("o1").await, tour.0.publish("o2").await];
    let diverted = format!("{one}/deliveries?state=diverted");
    let two = |page: &Value| page["items"].as_array().is_some_and(|items| items.len() == 2);
    tour.0.eventually(&diverted, two).await;
    let [first, second] = ids.map(|id| format!("{one}/deliveries/{id}"));
    tour.0.behave("O", &json!({"status": 200, "body": "ok"})).await;
    tour.each(&first, &[("GET", ""), ("POST", "/resend")]).await;
    tour.0.eventually(&first, |delivery| delivery["state"] == "delivered").await;
    tour.ask("POST", &format!("{one}/resend"), json!({"state": "diverted", "dry_run": true})).await;
    tour.ask("POST", &format!("{one}/resend"), json!({"state": "diverted"})).await;
    tour.0.eventually(&second, |delivery| delivery["state"] == "delivered").await;
    tour.0.behave("O", &json!({"status": 400})).await;
    tour.each(&second, &[("POST", "/resend")]).await;
    tour.0.eventually(&second, |delivery| delivery["state"] == "diverted").await;
    // The event is gone, so its copy is read.
    tour.0.forget_event(second.rsplit('/').next().unwrap()).await;
    tour.each(&second, &[("GET", ""), ("DELETE", "")]).await;
    assert_eq!(tour.0.ask(&tour.0.token, "DELETE", &second, None).await.status, 409);
    tour.0.behave("O", &json!({"status": 404})).await;
    tour.0.publish("o3").await;
    tour.0.eventually(&one, |webhook| webhook["state"] == "suspended").await;
    tour.each(&one, &[("POST", "/unsuspend")]).await;
    let deliveries = format!("{one}/deliveries");
    let (test, resend, resends) = (format!("{one}/test"), format!("{one}/resend"), format!("{first}/resend"));
    tour.again(&[("GET", &one), ("GET", &deliveries), ("GET", &first), ("DELETE", &second), ("POST", &test)]).await;
    tour.again(&[("POST", &resend), ("POST", &resends)]).await;
    let event = first.rsplit('/').next().unwrap();
    tour.each("/operations/events", &[("GET", ""), ("GET", "?project=11"), ("GET", &format!("/{event}"))]).await;
    tour.each("/operations/summary", &[("GET", "")]).await;
    tour.ask("POST", "/operations/portal", json!({"user": "ann"})).await;
    let targets = "/operations/notifications";
    let new = json!({"kind": "webhook", "name": "n", "url": "https://o.example/x"});
    let made = tour.ask("POST", targets, new).await;
    let target = format!("{targets}/{}", made["id"].as_str().unwrap());
    tour.each(targets, &[("GET", "")]).await;
    tour.each(&target, &[("GET", "")]).await;
    for changes in [json!({"active": false}), json!({"active": true}), json!({"name": "m"})] {
        tour.ask("PATCH", &target, changes).await;
    }
    let rotate = format!("{list}/operations:{}/rotate-secret", made["id"].as_str().unwrap());
    tour.ask("POST", &rotate, Value::Null).await;
    tour.ask("PATCH", &target, json!({"event_types": ["outhook.webhook.failing"]})).await;
    tour.ask("PATCH", &target, json!({"event_types": []})).await;
    tour.again(&[("GET", &target), ("PATCH", &target)]).await;
    tour.each(&target, &[("DELETE", "")]).await;
    tour.0.ask(&tour.0.token, "PUT", list, None).await;
}

async fn console(tour: &Tour) {
    let webhook = webhook_that_gets(&tour.0, "C", 400).await;
    let events = [tour.0.publish("c1").await, tour.0.publish("c2").await];
    let [first, second] = events.map(|event| format!("/webhooks/{webhook}/deliveries/{event}"));
    for delivery in [&first, &second] {
        tour.0.eventually(&format!("/operations{delivery}"), |delivery| delivery["state"] == "diverted").await;
    }
    let browser = Browser::enter(&tour.0).await;
    for path in ["", "/webhooks", &format!("/webhooks/{webhook}"), "/events", "/events?project=11", "/notifications"] {
        browser.page(path).await;
    }
    browser.page(&format!("/events/{}", first.rsplit('/').next().unwrap())).await;
    browser.page(&first).await;
    browser.done(&format!("{second}/delete"), &[("sure", "yes")]).await;
    browser.done(&format!("{first}/resend"), &[]).await;
    browser.done(&format!("/webhooks/{webhook}/pause"), &[]).await;
    browser.done(&format!("/webhooks/{webhook}/unpause"), &[]).await;
    browser.done("/events/test", &[]).await;
    assert_eq!(browser.post("/leave", &[]).await.status, 303);
}

async fn delivery(tour: &Tour) {
    // What was left due, as after a lost wake; one webhook has caught up, which nobody has noted yet.
    let caught_up = WebhookKey::sdelements(998);
    tour.0.stack.store().mark_late(&OrganizationId::parse("acme").unwrap(), &caught_up, "m").await.unwrap();
    for key in ["acme#sdelements:999", "SPREAD#acme", "SPREAD#acme#sdelements:998"] {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = tour.0.stack.database().put_item().table_name(tour.0.stack.table("DeliveriesTable"));
        let put = put.item("pk", text(key)).item("sk", text("QUEUE")).item("due_shard", text("0"));
        let put =
            put.item("due_at", AttributeValue::N("0".to_owned())).item("head", text("01JQNX4T2B0000000000000001"));
        put.send().await.unwrap();
    }
    tour.0.tick().await;
    // More webhooks want it than the stream's batch spreads.
    for number in 0..26 {
        tour.0.subscribed(&format!("W{number}")).await;
    }
    // One has just ended its subscription: what may have been put for it is looked at.
    let id = tour.0.subscribed("gone").await;
    let configurations = format!("/api/v2/webhooks/{id}/configs/");
    let configuration = tour.0.call("GET", &configurations, None).await.json()["results"][0]["id"].to_string();
    tour.ask("DELETE", &format!("{configurations}{configuration}/"), Value::Null).await;
    tour.0.publish("wide").await;
    for number in 0..26 {
        tour.0.accepted(&format!("W{number}"), 1).await;
    }
}

/// What is granted and was never used, by function.
fn unused(granted: &Grants, used: &Grants) -> Vec<String> {
    let mut unused = Vec::new();
    for (function, pairs) in granted {
        let by_lambda = |pair: &str| BY_LAMBDA.iter().chain(&HANDING_OVER).any(|known| *known == (function, pair));
        let known = |pair: &String| used.get(function).is_some_and(|used| used.contains(pair));
        let rest = pairs.iter().filter(|pair| !known(pair) && !by_lambda(pair));
        unused.extend(rest.map(|pair| format!("{function} never does {pair}")));
    }
    unused
}

#[tokio::test(flavor = "multi_thread")]
async fn every_permission_is_used() {
    let proxy = Proxy::default();
    let tour = Tour(World::through(proxy.clone(), |_| {}).await);
    sdelements(&tour).await;
    flip(&tour).await;
    akinon(&tour).await;
    socotra(&tour).await;
    operations(&tour).await;
    console(&tour).await;
    delivery(&tour).await;
    tour.0.ask(&tour.0.token, "PUT", "/events", None).await;
    let granted = granted(&std::fs::read_to_string(root().join("template.yaml")).unwrap());
    let unused = unused(&granted, &proxy.used());
    assert!(unused.is_empty(), "the policies in template.yaml are too wide:\n{}", unused.join("\n"));
}
