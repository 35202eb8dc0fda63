//! A stack for one test, and short ways to use it.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::{Options, Stack};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{domain::OrganizationId, store::event_partition};

use super::{
    place::Place,
    proxy::Proxy,
    reply::Reply,
    repository::root,
    wait::{LONGEST, until},
};

/// A Slack URL whose last segment is `name`.
pub(crate) fn slack_url(name: &str) -> String {
    format!("https://hooks.slack.com/services/T00000000/B00000000/{name}")
}

/// A running stack with a client.
pub(crate) struct World {
    pub(crate) stack: Place,
    pub(super) client: reqwest::Client,
    pub(crate) token: String,
    logs: Arc<Mutex<Vec<String>>>,
    _guard: Option<Guard>,
}

/// Fails the test if a function did what its policy does not allow, even where that had no other effect.
struct Guard(Proxy);

impl Drop for Guard {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.0.refused(), [""; 0], "the policies in template.yaml are too narrow");
        }
    }
}

impl World {
    /// A fresh stack, or the deployment that the environment names (see [`Place`]).
    pub(crate) async fn new() -> Self {
        match Place::elsewhere().await {
            Some(place) => Self::at(place, Arc::default(), None),
            None => Self::with(|_| {}).await,
        }
    }

    /// One look of the tick at what is due: it wakes drain and spread, whose work is not waited for.
    pub(crate) async fn tick(&self) {
        self.stack.invoke("Tick", &json!({"watch_seconds": 0})).await.unwrap();
    }

    /// A stack of this test's own, started with other options.
    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::through(Proxy::default(), change).await
    }

    /// A stack of this test's own whose functions reach AWS through that proxy only.
    pub(crate) async fn through(proxy: Proxy, change: impl FnOnce(&mut Options)) -> Self {
        let address = proxy.start().await;
        let binaries = Path::new(env!("CARGO_BIN_EXE_fallback")).parent().unwrap();
        let mut options = Options::new(root().join("template.yaml"), binaries.to_owned());
        let logs: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = Arc::clone(&logs);
        options.log = Arc::new(move |function, line| sink.lock().unwrap().push(format!("{function}: {line}")));
        options.tick = None;
        // What is tested is the product's rules, not whether this machine keeps up with the test.
        options.patience = Duration::from_secs(29);
        for service in ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_LAMBDA"] {
            options.environment.insert(service.to_owned(), address.clone());
        }
        change(&mut options);
        let template = std::fs::read_to_string(&options.template).unwrap();
        let stack = Stack::start(options).await.unwrap();
        proxy.lead_to(&stack.ready().dynamodb, &stack.ready().lambda, &template);
        Self::at(Place::Own(stack), logs, Some(Guard(proxy)))
    }

    fn at(stack: Place, logs: Arc<Mutex<Vec<String>>>, guard: Option<Guard>) -> Self {
        let token = stack.ready().tokens.super_user.clone();
        Self { stack, client: local::client().unwrap(), token, logs, _guard: guard }
    }

    /// Stops the stack of this test's own and gives everything that was ever logged.
    pub(crate) async fn stop(self) -> Vec<String> {
        let Self { stack, logs, .. } = self;
        stack.stop().await;
        std::mem::take(&mut *logs.lock().unwrap())
    }

    /// Everything that the functions have logged; nothing where they run elsewhere.
    pub(crate) fn logs(&self) -> Vec<String> {
        self.logs.lock().unwrap().clone()
    }

    /// A request with the super user's token.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.call_as(&self.token, method, path, body).await
    }

    /// A request with another token.
    pub(crate) async fn call_as(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let authorization = format!("Token {token}");
        let body = body.map(ToString::to_string).unwrap_or_default();
        self.raw(method, path, &[("Authorization", &authorization)], &body).await
    }

    /// A request with just these headers and this body.
    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        self.bytes(method, path, &headers, body.as_bytes()).await
    }

    /// A request with just these headers and this body, which need not be text.
    pub(crate) async fn bytes(&self, method: &str, path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.stack.url(path)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = request.send().await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        Reply { status, headers, text: reply.text().await.unwrap() }
    }

    /// Makes a webhook that posts to `slack_url(name)` and gives its id.
    pub(crate) async fn webhook(&self, name: &str) -> u64 {
        let body = json!({"name": name, "url": slack_url(name)});
        let made = self.call("POST", "/api/v2/webhooks/", Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_u64().unwrap()
    }

    /// Makes a webhook that wants to hear of new projects.
    pub(crate) async fn subscribed(&self, name: &str) -> u64 {
        let id = self.webhook(name).await;
        let body = json!({"event_source": "CreatedProjectActivity"});
        let made = self.call("POST", &format!("/api/v2/webhooks/{id}/configs/"), Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        id
    }

    /// Publishes a CreatedProjectActivity of that project and gives its id.
    pub(crate) async fn publish(&self, project: &str) -> String {
        let body = json!({"name": "CreatedProjectActivity", "data": {"project_desc": project}});
        let made = self.call("POST", "/api/v2/projects/11/activities/", Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Removes an event from the Events table, as its expiry does.
    pub(crate) async fn forget_event(&self, id: &str) {
        let organization = OrganizationId::parse(&self.stack.ready().organization).unwrap();
        let shards = self.stack.store().organization(&organization).await.unwrap().unwrap().event_shards;
        let partition = event_partition(&organization, id.parse().unwrap(), shards);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = self.stack.database().delete_item().table_name(self.stack.table("EventsTable"));
        delete.key("pk", text(&partition)).key("sk", text(id)).send().await.unwrap();
    }

    /// What arrived at Slack so far.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let url = format!("{}/messages", self.stack.ready().slack);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Tells the stand-in what `slack_url(name)` answers.
    pub(crate) async fn behave(&self, name: &str, behaviour: &Value) {
        let path = format!("/behaviour/services/T00000000/B00000000/{name}");
        let url = format!("{}{path}", self.stack.ready().slack);
        self.client.put(url).body(behaviour.to_string()).send().await.unwrap().error_for_status().unwrap();
    }

    /// Waits until at least `count` messages were accepted by the webhook named `name` and gives their bodies.
    pub(crate) async fn accepted(&self, name: &str, count: usize) -> Vec<String> {
        let start = Instant::now();
        loop {
            let messages = self.messages().await;
            let mine = messages
                .iter()
                .filter(|m| m["path"].as_str().unwrap().ends_with(&format!("/{name}")) && m["status"] == 200);
            let bodies: Vec<_> = mine.map(|message| message["body"].as_str().unwrap().to_owned()).collect();
            if bodies.len() >= count {
                return bodies;
            }
            let late = start.elapsed() > LONGEST;
            assert!(!late, "{count} messages were awaited, {bodies:?} came; logs:\n{}", self.logs().join("\n"));
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the messages that the webhook named `name` accepted show each of these texts, and gives all of them.
    pub(crate) async fn shown(&self, name: &str, texts: &[&str]) -> String {
        let mut arrived = String::new();
        let what = format!("{texts:?} at {name}");
        until(&what, async || {
            arrived = self.accepted(name, 1).await.concat();
            texts.iter().all(|text| arrived.contains(text))
        })
        .await;
        arrived
    }

    /// All items of a table.
    pub(crate) async fn scan(
        &self,
        table: &str,
    ) -> Vec<std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>> {
        let mut pages =
            self.stack.database().scan().table_name(self.stack.table(table)).into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.unwrap());
        }
        items
    }
}
