//! Receives webhooks at <http://127.0.0.1:8080> and verifies their signatures.

use std::{
    collections::HashSet,
    env,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use standardwebhooks::Webhook;

struct Receiver {
    webhook: Webhook,
    seen: Mutex<HashSet<String>>,
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Checks the signature and that the message is at most five minutes old.
    if receiver.webhook.verify(&body, &headers).is_err() {
        println!("refused: the signature is wrong, or the message is too old");
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    // An event may arrive more than once. The id stays the same, so a repeat can be dropped.
    let message = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    if receiver.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(message) {
        println!("verified {}", event["type"].as_str().unwrap_or_default());
    }
    // Reply at once, and do the work afterwards: a reply after ten seconds counts as a failure.
    StatusCode::NO_CONTENT
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = env::var("WEBHOOK_SECRET").ok().filter(|secret| !secret.is_empty());
    let webhook = Webhook::new(&secret.ok_or("set WEBHOOK_SECRET to the signing secret")?)?;
    let receiver = Receiver { webhook, seen: Mutex::default() };
    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://127.0.0.1:{port}");
    let router = Router::new().route("/", post(receive)).with_state(Arc::new(receiver));
    Ok(axum::serve(listener, router).await?)
}
