//! What a request and a delivery compute apart from waiting for DynamoDB and for endpoints: `cargo bench -p bench`.
#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a bench fails by panicking; criterion's macros make undocumented items"
)]

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::json;
use shared::{
    api::{sdelements, socotra},
    delivery::{slack, standard_webhooks},
    domain::{
        Api, Event, EventId, JsonText, OrganizationId, Pattern, Secret, Subscription, Timestamp, Webhook, WebhookKey,
    },
    http::Request,
    store::{event_from_image, event_item, webhook_item, webhook_of},
};

fn organization() -> OrganizationId {
    OrganizationId::parse("acme").expect("an organization's id")
}

fn request(body: &serde_json::Value) -> Request {
    Request { body: body.to_string().into_bytes(), ..Request::default() }
}

fn event(number: u128) -> Event {
    let id = EventId::new(Timestamp(1_743_416_100_000), number);
    Event {
        id,
        organization: organization(),
        project: Some("11".to_owned()),
        event_type: "CreatedProjectActivity".to_owned(),
        time: id.time(),
        request: None,
        user: None,
        ordering_key: None,
        about: None,
        hops: 0,
        data: JsonText::of(&json!({
            "actor": 1, "text": "Admin Testerton created project 123444321 in application Flipism",
            "icon": "createProject", "log_level": "create",
            "data": {"project": 11, "project_desc": "123444321", "application": 5, "application_desc": "Flipism",
                "business_unit": 1, "business_unit_desc": "Test BU"}
        }))
        .expect("an object"),
    }
}

fn webhook() -> Webhook {
    let url = Secret::new("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned());
    let mut webhook =
        Webhook::new(organization(), WebhookKey::sdelements(1), "Engineering".to_owned(), url, Timestamp(0));
    let pattern = Pattern::Exact("CreatedProjectActivity".to_owned());
    webhook.subscriptions = vec![Subscription::new(pattern)];
    webhook
}

fn requests(c: &mut Criterion) {
    let slack = request(&json!({
        "name": "Engineering Slack Webhook", "description": "Posts project events to #eng-webhooks", "active": true,
        "url": "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
    }));
    c.bench_function("parse and validate: SD Elements' webhook", |b| {
        b.iter(|| {
            let body = sdelements::parse_body(black_box(&slack)).expect("JSON");
            sdelements::NewWebhook::parse(&body, &[]).expect("a webhook")
        });
    });
    let policies = request(&json!({
        "name": "Policy events", "enabled": true, "eventTypes": ["policy.account.create"],
        "endpoint": {"url": "https://example.com/hooks/policies", "headers": {"X-Api-Key": ["one", "two"]}}
    }));
    c.bench_function("parse and validate: Socotra's webhook", |b| {
        b.iter(|| {
            let body = socotra::parse_body(black_box(&policies)).expect("JSON");
            let key = WebhookKey { api: Api::Socotra, id: "01JQNX4T2B0000000000000001".to_owned() };
            socotra::new_webhook(&body, organization(), key, Timestamp(0)).expect("a webhook")
        });
    });
}

fn items(c: &mut Criterion) {
    let (webhook, event) = (webhook(), event(1));
    c.bench_function("item of a webhook", |b| b.iter(|| webhook_item(black_box(&webhook)).expect("an item")));
    let item = webhook_item(&webhook).expect("an item");
    c.bench_function("webhook of an item", |b| {
        b.iter_batched(
            || item.clone(),
            |item| webhook_of(&organization(), item).expect("a webhook"),
            BatchSize::SmallInput,
        );
    });
    c.bench_function("item of an event", |b| b.iter(|| event_item(black_box(&event), 4, 0)));
    let image = event_item(&event, 4, 0);
    c.bench_function("event of an image", |b| b.iter(|| event_from_image(black_box(&image)).expect("an event")));
}

fn messages(c: &mut Criterion) {
    let events: Vec<Event> = (1..=20).map(event).collect();
    let all: Vec<&Event> = events.iter().collect();
    c.bench_function("Slack: a message", |b| b.iter(|| slack::message(black_box(&events[0]))));
    c.bench_function("Slack: a digest of 20", |b| b.iter(|| slack::digest(black_box(&all))));
    let (secrets, body) = ([standard_webhooks::generate([7; 32])], events[0].data.to_string());
    c.bench_function("signature", |b| {
        b.iter(|| standard_webhooks::headers("01JQNH7XR0000000000000000A", 1_743_416_100, black_box(&body), &secrets));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = requests, items, messages
}
criterion_main!(benches);
