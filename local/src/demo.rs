//! The whole story, told: a webhook, its configuration, an activity, and the Slack message that it becomes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::domain::EventSource;

use crate::{client::client, seed::Ready};

/// Why the story did not end well.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A request failed.
    #[error("a request failed: {0}")]
    Request(#[from] reqwest::Error),
    /// The API said no.
    #[error("{0} was answered with {1}: {2}")]
    Refused(String, u16, String),
    /// Nothing arrived.
    #[error("no message arrived within 30 seconds")]
    NoMessage,
}

/// The activity of SD Elements' documents.
#[must_use]
pub fn activity() -> Value {
    json!({
        "name": EventSource::CreatedProjectActivity.as_str(),
        "actor": 1,
        "text": "Admin Testerton created project 123444321 in application Flipism",
        "data": {"project": 11, "project_desc": "123444321", "application": 5, "application_desc": "Flipism",
            "business_unit": 1, "business_unit_desc": "Test BU"},
        "icon": "createProject",
        "log_level": "create"
    })
}

/// Plays the story against a running stack, telling it line by line.
///
/// # Errors
///
/// When a step does not go as told.
pub async fn play(ready: &Ready, tell: &mut (dyn FnMut(&str) + Send)) -> Result<(), DemoError> {
    let client = client()?;
    let call = async |path: &str, body: Value| -> Result<Value, DemoError> {
        let request = client.post(format!("{}{path}", ready.gateway)).json(&body);
        let reply = request.header("Authorization", format!("Token {}", ready.tokens.super_user)).send().await?;
        let status = reply.status().as_u16();
        let text = reply.text().await?;
        match serde_json::from_str(&text) {
            Ok(value) if status == 201 => Ok(value),
            _ => Err(DemoError::Refused(path.to_owned(), status, text)),
        }
    };
    tell("1. A super user creates a webhook: POST /api/v2/webhooks/");
    let url = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    let webhook = call("/api/v2/webhooks/", json!({"name": "Engineering", "url": url})).await?;
    tell(&format!("   Its id is {}.", webhook["id"]));
    let configs = format!("/api/v2/webhooks/{}/configs/", webhook["id"]);
    tell(&format!("2. It wants to hear of new projects: POST {configs}"));
    call(&configs, json!({"event_source": EventSource::CreatedProjectActivity.as_str()})).await?;
    tell("3. A project is created: POST /api/v2/projects/11/activities/");
    let published = Instant::now();
    call("/api/v2/projects/11/activities/", activity()).await?;
    while published.elapsed() < Duration::from_secs(30) {
        let messages: Vec<Value> = client.get(format!("{}/messages", ready.slack)).send().await?.json().await?;
        if let Some(message) = messages.first() {
            tell(&format!("4. {} ms later Slack shows, at {}:", published.elapsed().as_millis(), message["path"]));
            let body: Value =
                message["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
            for line in serde_json::to_string_pretty(&body).unwrap_or_default().lines() {
                tell(&format!("   {line}"));
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(DemoError::NoMessage)
}
