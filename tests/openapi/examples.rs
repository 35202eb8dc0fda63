//! The examples of the OpenAPI documents: what the functions take and reply, recorded on a local stack.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::{documents, operations, schemas};
use crate::support::{World, alike, root};

/// What stands in an example where each run has another value.
const SAMPLES: [(&str, &str); 6] = [
    ("[moment]", "2025-03-31T10:15:00.000Z"),
    ("[ulid]", "01JQNX4T2B0000000000000001"),
    ("[uuid]", "6f1c2ab7-e9d0-41b2-83d4-e5665f1c2ab7"),
    ("[24 hex]", "507f1f77bcf86cd799439011"),
    ("[secret]", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("[gateway]", "https://api.example.com"),
];
const PROJECT: &str = "665f1c2ab7e9d0a1b2c3d4e5";
static DURATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""duration_ms":[0-9]+"#).unwrap());

/// A moment and an event's id as Slack's messages show them, and a ticket into the console.
static SHOWN_MOMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC").unwrap());
static TICKET: LazyLock<Regex> = LazyLock::new(|| Regex::new("ticket=[A-Za-z0-9_-]{43}").unwrap());
static SHOWN_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("Event [0-7][0-9A-HJKMNP-TV-Z]{25}").unwrap());

/// A stack, and the first exchange of each operation of a document.
struct Recorder {
    world: World,
    name: &'static str,
    document: Value,
    exchanges: Map<String, Value>,
}

impl Recorder {
    async fn new(name: &'static str) -> Self {
        let document = documents().into_iter().find(|(path, _)| *path == format!("{name}.json")).unwrap().1;
        Self { world: World::new().await, name, document, exchanges: Map::new() }
    }

    /// Sends the request, which must succeed, and gives the body of the reply.
    async fn ask(&mut self, method: &str, path: &str, body: Value) -> Value {
        let sent = Some(&body).filter(|body| !body.is_null());
        let reply = self.world.ask(&self.world.token, method, path, sent).await;
        assert!((200..300).contains(&reply.status), "{method} {path}: {}", reply.text);
        let mut exchange = Map::new();
        exchange.extend(sent.map(|body| ("request".to_owned(), body.clone())));
        if !reply.text.is_empty() {
            exchange.insert("reply".to_owned(), serde_json::from_str(&repeatable(&reply.text)).unwrap());
        }
        self.exchanges.entry(self.operation(method, path)).or_insert(Value::Object(exchange));
        reply.json()
    }

    /// The id of the operation that serves that path: of two, the one whose path has fewer parameters.
    fn operation(&self, method: &str, path: &str) -> String {
        let path = path.split('?').next().unwrap();
        let parts: Vec<_> = path.split('/').collect();
        let serves = |template: &str| {
            let template: Vec<_> = template.split('/').collect();
            template.len() == parts.len()
                && template.iter().zip(&parts).all(|(wanted, part)| wanted == part || wanted.starts_with('{'))
        };
        let all = operations(&self.document).filter(|(one, template, _)| one == method && serves(template));
        let found = all.min_by_key(|(_, template, _)| template.matches('{').count());
        let (_, _, operation) = found.unwrap_or_else(|| panic!("no operation is {method} {path}"));
        operation["operationId"].as_str().unwrap().to_owned()
    }

    /// Compares the exchanges, one for each operation, with the snapshot that the documents show as examples.
    fn finish(self) {
        let recorded: Vec<_> = operations(&self.document).map(|(_, _, operation)| &operation["operationId"]).collect();
        for id in &recorded {
            assert!(self.exchanges.contains_key(id.as_str().unwrap()), "there is no example of {id}");
        }
        let mut exchanges = self.exchanges;
        exchanges.sort_keys();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root().join("shared/src/api/openapi/examples"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(self.name, format!("{:#}", Value::Object(exchanges))));
    }
}

/// The text with the same moments, ids, secrets and durations in every run.
fn repeatable(text: &str) -> String {
    let named = SAMPLES.iter().fold(alike(text), |text, (name, sample)| text.replace(name, sample));
    let named = DURATION.replace_all(&named, "\"duration_ms\":87");
    let named = TICKET.replace_all(&named, "ticket=c0nS0leT1cketc0nS0leT1cketc0nS0leT1cketc0nS0l");
    let named = SHOWN_MOMENT.replace_all(&named, "2025-03-31 10:15:00 UTC");
    SHOWN_ID.replace_all(&named, "Event 01JQNX4T2B0000000000000001").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn sd_elements() {
    let mut api = Recorder::new("sdelements").await;
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let new = json!({"name": "Engineering Slack Webhook", "url": url,
        "description": "Posts project events to #eng-webhooks", "active": true});
    api.ask("POST", "/api/v2/webhooks/", new).await;
    api.ask("GET", "/api/v2/webhooks/", Value::Null).await;
    let webhook = "/api/v2/webhooks/1/";
    api.ask("GET", webhook, Value::Null).await;
    api.ask("PATCH", webhook, json!({"name": "Engineering Slack Webhook (updated)"})).await;
    let configurations = format!("{webhook}configs/");
    api.ask("POST", &configurations, json!({"event_source": "CreatedProjectActivity", "active": true})).await;
    api.ask("GET", &configurations, Value::Null).await;
    let configuration = format!("{configurations}1/");
    api.ask("GET", &configuration, Value::Null).await;
    api.ask("PATCH", &configuration, json!({"active": true})).await;
    api.ask("POST", &format!("{webhook}test/"), Value::Null).await;
    let activities = "/api/v2/projects/11/activities/";
    let activity = json!({
        "name": "CreatedProjectActivity", "actor": 1, "date": "2016-10-31T19:20:13.887289Z",
        "text": "Admin Testerton created project 123444321 in application Flipism",
        "data": {"project_desc": "123444321", "application_desc": "Flipism", "project": 11, "application": 5,
            "business_unit": 1, "business_unit_desc": "Test BU"},
        "icon": "createProject", "log_level": "create"
    });
    let refused = json!({"status": 400, "body": "invalid_blocks", "times": 1});
    api.world.behave("XXXXXXXXXXXXXXXXXXXXXXXX", &refused).await;
    let published = api.ask("POST", activities, activity).await;
    api.ask("GET", activities, Value::Null).await;
    let log = format!("{webhook}deliveries/");
    api.world.eventually(&log, |page| page["results"][0]["state"] == "diverted").await;
    let status = format!("{webhook}status/");
    api.world.eventually(&status, |status| status["last_failure"].is_string() && status["queued"] == 0).await;
    api.ask("GET", &status, Value::Null).await;
    api.ask("GET", &log, Value::Null).await;
    let delivery = format!("{log}{}/", published["id"].as_str().unwrap());
    api.ask("GET", &delivery, Value::Null).await;
    api.ask("POST", &format!("{webhook}pause/"), Value::Null).await;
    api.ask("POST", &format!("{webhook}unpause/"), Value::Null).await;
    api.ask("POST", &format!("{webhook}unsuspend/"), Value::Null).await;
    api.world.behave("XXXXXXXXXXXXXXXXXXXXXXXX", &refused).await;
    api.ask("POST", &format!("{delivery}resend/"), Value::Null).await;
    api.world.eventually(&log, |page| page["results"][0]["state"] == "diverted").await;
    api.ask("DELETE", &delivery, Value::Null).await;
    let span = json!({"state": "diverted", "after": "2025-03-31T10:00:00.000Z", "before": "2025-03-31T11:00:00.000Z"});
    api.ask("POST", &format!("{webhook}resend/"), span).await;
    api.ask("DELETE", &configuration, Value::Null).await;
    api.ask("DELETE", webhook, Value::Null).await;
    api.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn flip() {
    let mut api = Recorder::new("flip").await;
    let list = "/api/webhooks/v4/webhooks";
    let new = json!({"url": "https://flip.example/hook?tenant=1",
        "subscription": {"event_types": ["hr.absence-request", "chat.message.sent"]}});
    let made = api.ask("POST", list, new).await;
    api.ask("GET", list, Value::Null).await;
    let webhook = format!("{list}/{}", made["id"].as_str().unwrap());
    api.ask("GET", &webhook, Value::Null).await;
    api.ask("POST", &format!("{webhook}/pause"), Value::Null).await;
    api.ask("POST", &format!("{webhook}/unpause"), Value::Null).await;
    api.ask("DELETE", &webhook, Value::Null).await;
    api.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn akinon() {
    let mut api = Recorder::new("akinon").await;
    let organization = api.world.stack.ready().akinon_organization.clone();
    let list = format!("/organizations/{organization}/projects/{PROJECT}/settings/webhooks");
    let new = json!({"name": "Deployments", "url": "https://akinon.example/hook?tenant=1", "active": true,
        "headers": {"X-Api-Key": "key"}, "events": ["deployment.build.created"]});
    let made = api.ask("POST", &list, new).await;
    api.ask("GET", &list, Value::Null).await;
    let webhook = format!("{list}/{}", made["_id"].as_str().unwrap());
    api.ask("GET", &webhook, Value::Null).await;
    api.ask("PATCH", &webhook, json!({"name": "Builds", "active": false})).await;
    api.ask("DELETE", &webhook, Value::Null).await;
    api.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn socotra() {
    let mut api = Recorder::new("socotra").await;
    let tenant = format!("/event/{}", api.world.stack.ready().socotra_tenant);
    let new = json!({
        "name": "Policy events", "enabled": true,
        "endpoint": {"url": "https://example.com/policies?x=y", "headers": {"X-Api-Key": ["one", "two"]},
            "secureSsl": true, "hmacEnabled": true, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "tag": "primary"},
        "failureHandling": {"triggers": ["404", "5xx", "timeout"], "divert": true, "suspend": false,
            "retryStrategy": {"type": "exponential", "interval": 30, "attempts": 1},
            "alertEndpoint": {"url": "https://example.com/alerts", "headers": {"X-Alert": ["yes"]}}},
        "eventTypes": ["policy.account.create", "policy.quote.manualUnderwrite"],
    });
    let made = api.ask("POST", &format!("{tenant}/webhooks"), new).await;
    api.ask("GET", &format!("{tenant}/webhooks/list"), Value::Null).await;
    let webhook = format!("{tenant}/webhooks/{}", made["locator"].as_str().unwrap());
    api.ask("GET", &webhook, Value::Null).await;
    let changes = json!({
        "name": "Account events",
        "endpoint": {"addHeaders": {"X-Env": ["prod"]}, "removeHeaders": ["X-Api-Key"]},
        "failureHandling": {"addTriggers": ["4xx"], "removeAlertEndpoint": true, "removeRetryStrategy": true},
        "addEventTypes": ["policy.account.update"], "removeEventTypes": ["policy.quote.manualUnderwrite"],
    });
    api.ask("PATCH", &webhook, changes).await;
    api.ask("PATCH", &format!("{webhook}/unsuspend"), Value::Null).await;
    api.world.receiver("example.com/policies", &json!({"status": 404, "body": "gone", "times": 2})).await;
    let event = json!({"type": "policy.account.create", "request": "01JQNX4T2B0000000000000002",
        "user": "6f1c2ab7-e9d0-41b2-83d4-e5665f1c2ab7", "data": {"accountLocator": "a-1"}});
    let published = api.world.call("POST", "/events", Some(&event)).await.json();
    let locator = published["id"].as_str().unwrap();
    let diverted = format!("{webhook}/diverted");
    let one = format!("{diverted}/{locator}");
    let kept = |listed: &Value| listed.as_array().is_some_and(|listed| !listed.is_empty());
    api.world.eventually(&diverted, kept).await;
    api.ask("GET", &diverted, Value::Null).await;
    api.ask("GET", &one, Value::Null).await;
    api.ask("POST", &format!("{one}/resend"), Value::Null).await;
    api.world.eventually(&diverted, kept).await;
    api.ask("DELETE", &one, Value::Null).await;
    api.ask("GET", &format!("{tenant}/events/list?type=policy.account.create"), Value::Null).await;
    api.ask("GET", &format!("{tenant}/events/{locator}"), Value::Null).await;
    api.ask("GET", &format!("{tenant}/events/request/01JQNX4T2B0000000000000002"), Value::Null).await;
    api.ask("DELETE", &webhook, Value::Null).await;
    api.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_api() {
    let mut api = Recorder::new("operations").await;
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let world = &api.world;
    world.call("POST", "/api/v2/webhooks/", Some(&json!({"name": "Engineering", "url": url}))).await;
    let wanted = json!({"event_source": "CreatedProjectActivity"});
    world.call("POST", "/api/v2/webhooks/1/configs/", Some(&wanted)).await;
    let refused = json!({"status": 400, "body": "invalid_blocks", "times": 1});
    world.behave("XXXXXXXXXXXXXXXXXXXXXXXX", &refused).await;
    let activity = json!({"type": "CreatedProjectActivity", "project": "11", "time": "2025-03-31T10:15:00Z",
        "data": {"project": 11, "project_desc": "123444321"}});
    let published = world.call("POST", "/events", Some(&activity)).await.json();
    let webhook = "/operations/webhooks/sdelements:1";
    let id = published["id"].as_str().unwrap();
    let (log, delivery) = (format!("{webhook}/deliveries"), format!("{webhook}/deliveries/{id}"));
    api.world.eventually(&delivery, |delivery| delivery["state"] == "diverted").await;
    api.world.eventually(webhook, |webhook| webhook["queued"] == 0 && webhook["next_attempt"].is_null()).await;
    api.ask("GET", "/operations/webhooks", Value::Null).await;
    api.ask("GET", webhook, Value::Null).await;
    api.ask("GET", &log, Value::Null).await;
    api.ask("GET", &delivery, Value::Null).await;
    api.ask("GET", "/operations/events?type=CreatedProjectActivity&project=11", Value::Null).await;
    api.ask("GET", &format!("/operations/events/{id}"), Value::Null).await;
    api.ask("POST", &format!("{webhook}/test"), Value::Null).await;
    for verb in ["pause", "unpause", "unsuspend"] {
        api.ask("POST", &format!("{webhook}/{verb}"), Value::Null).await;
    }
    let span = json!({"state": "diverted", "after": "2025-03-31T10:00:00.000Z", "before": "2025-03-31T11:00:00.000Z",
        "dry_run": true});
    api.ask("POST", &format!("{webhook}/resend"), span).await;
    api.world.behave("XXXXXXXXXXXXXXXXXXXXXXXX", &refused).await;
    api.ask("POST", &format!("{delivery}/resend"), Value::Null).await;
    api.world.eventually(&delivery, |delivery| delivery["state"] == "diverted").await;
    api.ask("DELETE", &delivery, Value::Null).await;
    let targets = "/operations/notifications";
    let new = json!({"kind": "webhook", "name": "On call", "url": "https://example.com/hooks/oncall",
        "event_types": ["outhook.webhook.suspended"]});
    let made = api.ask("POST", targets, new).await;
    let target = format!("{targets}/{}", made["id"].as_str().unwrap());
    api.ask("GET", targets, Value::Null).await;
    api.ask("GET", &target, Value::Null).await;
    let rotate = format!("/operations/webhooks/operations:{}/rotate-secret", made["id"].as_str().unwrap());
    api.ask("POST", &rotate, json!({"overlap_hours": 24})).await;
    api.ask("GET", "/operations/summary", Value::Null).await;
    let portal = json!({"user": "ann", "permissions": ["operations:read"], "expires_in": 3_600});
    api.ask("POST", "/operations/portal", portal).await;
    api.ask("PATCH", &target, json!({"name": "The team on call"})).await;
    api.ask("DELETE", &target, Value::Null).await;
    api.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn events() {
    let mut api = Recorder::new("events").await;
    let new = json!({"type": "chat.message.sent", "project": "p1", "data": {"room": "general", "words": 12}});
    api.ask("POST", "/events", new).await;
    api.finish();
}

#[test]
fn every_example_is_valid_for_its_schema() {
    let mut checked = 0;
    for (path, document) in super::all_documents() {
        schemas::each_example(&document, &mut |place, example, schema| {
            let wrong = schemas::violations(&document, schema, example);
            assert!(wrong.is_empty(), "{path} {place}: {wrong:?}");
            checked += 1;
        });
    }
    assert!(checked > 400, "only {checked} examples were found");
}
