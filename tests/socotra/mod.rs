//! Socotra's API: its contract, its filters, its events, and delivery from end to end.

mod budgets;
mod contract;
mod diverted;
mod end_to_end;
mod events;
mod failure_handling;
mod lists;
mod permissions;
mod updates;

use serde_json::{Value, json};

use crate::support::{Reply, World};

/// A signing secret: the specification's own.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A stack as a client of Socotra's sees it.
struct Socotra {
    world: World,
    tenant: String,
}

impl Socotra {
    async fn new() -> Self {
        let world = World::new().await;
        let tenant = world.stack.ready().socotra_tenant.clone();
        Self { world, tenant }
    }

    /// A request with every permission; `path` is what follows the tenant.
    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.call_as(&self.world.token, method, path, body).await
    }

    /// A request with another token.
    async fn call_as(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.world.ask(token, method, &format!("/event/{}{path}", self.tenant), body).await
    }

    /// Makes a webhook of that name at `https://example.com/<name>`, with whatever else `more` says, and gives its locator.
    async fn webhook(&self, name: &str, types: &[&str], more: Value) -> String {
        let made = self.call("POST", "/webhooks", Some(&new(name, types, more))).await;
        assert_eq!(made.status, 200, "{}", made.text);
        made.json()["locator"].as_str().unwrap().to_owned()
    }

    /// The webhook as it is shown.
    async fn shown(&self, locator: &str) -> Value {
        self.call("GET", &format!("/webhooks/{locator}"), None).await.json()
    }

    /// Asks for `path` until the answer is what `wanted` wants to hear.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.world.eventually(&format!("/event/{}{path}", self.tenant), wanted).await
    }

    /// Publishes an event and gives its locator.
    async fn publish(&self, event_type: &str, data: Value) -> String {
        let body = json!({"type": event_type, "data": data, "request": "01JQNX4T2B0000000000000002",
            "user": "6f1c2ab7-e9d0-41b2-83d4-e5665f1c2ab7"});
        let made = self.world.call("POST", "/events", Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Tells `https://example.com/<name>` what to answer.
    async fn behave(&self, name: &str, behaviour: &Value) {
        self.world.receiver(&format!("example.com/{name}"), behaviour).await;
    }

    /// Waits until `https://example.com/<name>` has accepted at least `count` requests and gives them.
    async fn arrived(&self, name: &str, count: usize) -> Vec<Value> {
        self.world.accepted(name, count).await;
        let path = format!("/example.com/{name}");
        self.world.messages().await.into_iter().filter(|m| m["path"] == path && m["status"] == 200).collect()
    }
}

/// A CreateWebhookRequest.
fn new(name: &str, types: &[&str], more: Value) -> Value {
    let url = format!("https://example.com/{name}");
    let mut body = json!({"name": name, "enabled": true, "endpoint": {"url": url}, "eventTypes": types});
    if !more.is_null() {
        merge(&mut body, more);
    }
    body
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}
