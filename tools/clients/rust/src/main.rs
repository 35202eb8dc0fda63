//! A short story of Socotra's API through the Rust client that progenitor generates, and the clients of the other APIs, which must
//! compile.
#![allow(unused, clippy::all)]

mod sdelements {
    include!(concat!(env!("OUT_DIR"), "/sdelements.rs"));
}
mod flip {
    include!(concat!(env!("OUT_DIR"), "/flip.rs"));
}
mod akinon {
    include!(concat!(env!("OUT_DIR"), "/akinon.rs"));
}
mod socotra {
    include!(concat!(env!("OUT_DIR"), "/socotra.rs"));
}
mod events {
    include!(concat!(env!("OUT_DIR"), "/events.rs"));
}
mod operations {
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}

use std::error::Error;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::json;
use socotra::types::{CreateWebhookRequest, UpdateWebhookRequest, WebhookListResponse};

async fn story(ready: &serde_json::Value) -> Result<(), Box<dyn Error>> {
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {}", text("token")))?);
    let client = reqwest::Client::builder().default_headers(headers).no_proxy().build()?;
    let api = socotra::Client::new_with_client(&text("gateway"), client);
    let tenant: uuid::Uuid = text("socotra_tenant").parse()?;
    let new: CreateWebhookRequest = serde_json::from_value(json!({
        "name": "Rust", "enabled": true, "endpoint": {"url": "https://rust.example/hook"}, "eventTypes": ["rust.story"],
        "failureHandling": {"divert": true, "retryStrategy": {"type": "linear", "interval": 1}},
    }))?;
    let made = api.create_webhook().tenant_locator(tenant).body(new).send().await?.into_inner();
    assert!(made.failure_handling.alert_endpoint.is_none() && made.failure_handling.retry_strategy.is_some());
    let listed = api.list_webhooks().tenant_locator(tenant).name("Rust").send().await?.into_inner();
    assert!(matches!(listed, WebhookListResponse::Array(webhooks) if webhooks.len() == 1));
    let page = api.list_webhooks().tenant_locator(tenant).extended(true).send().await?.into_inner();
    assert!(matches!(page, WebhookListResponse::Object { list_completed: true, .. }));
    let locator = made.locator.as_str();
    let changes = UpdateWebhookRequest::builder().enabled(false);
    let updated = api.update_webhook().tenant_locator(tenant).webhook_locator(locator).body(changes).send().await?;
    assert!(!updated.enabled);
    api.delete_webhook().tenant_locator(tenant).webhook_locator(locator).send().await?;
    let missing = api.retrieve_webhook().tenant_locator(tenant).webhook_locator(locator).send().await;
    assert_eq!(missing.unwrap_err().status().unwrap(), 404);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("the first argument is the file that describes the stack")?;
    let ready = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(story(&ready))
}
