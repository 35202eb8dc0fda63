//! Publishes an event: `cargo run -p example --bin producer chat.message.sent '{"text": "hello"}'`.

use std::{env, error::Error};

use serde_json::{Value, json};

/// Publishes the event and returns its id. A retry with the same key publishes nothing twice.
async fn publish(event_type: &str, data: &Value, key: &str) -> Result<String, Box<dyn Error>> {
    let reply = reqwest::Client::new()
        .post(format!("{}/events", env::var("OUTHOOK")?))
        .bearer_auth(env::var("OUTHOOK_TOKEN")?)
        .header("Idempotency-Key", key)
        .json(&json!({"type": event_type, "data": data}))
        .send()
        .await?
        .error_for_status()?;
    let event: Value = reply.json().await?;
    Ok(event["id"].as_str().ok_or("the reply has no id")?.to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "another TLS provider is installed")?;
    let mut arguments = env::args().skip(1);
    let event_type = arguments.next().ok_or("give a type")?;
    let data = serde_json::from_str(&arguments.next().ok_or("give data")?)?;
    let key = format!("{:?}", std::time::SystemTime::now());
    println!("published {}", publish(&event_type, &data, &key).await?);
    Ok(())
}
