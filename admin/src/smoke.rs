//! Trying a deployment as its first user would, by nothing but its address. Leaves nothing behind but one event.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::{
    domain::{EventSource, Secret},
    store::Store,
};

use crate::{failure::BoxError, screen::Screen};

/// How long an event may take to arrive. A lost wake costs one tick, and ticks come each minute.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often to check whether it has arrived.
const PAUSE: Duration = Duration::from_millis(500);

/// The deployment to try, and what is needed to do so.
pub(crate) struct Smoke<'a> {
    /// The deployment's address, without a slash at its end.
    pub(crate) address: &'a str,
    /// A key with the permission `super_user`.
    pub(crate) token: &'a Secret,
    /// A Slack webhook's URL, which receives two messages.
    pub(crate) slack_url: &'a Secret,
    /// Whether the token may be sent unencrypted: for the local stack.
    pub(crate) allow_http: bool,
}

/// Tries everything; the first thing that is not as it must be is the failure.
///
/// # Errors
///
/// When the deployment does not work.
pub(crate) async fn run(smoke: &Smoke<'_>, store: &Store, screen: &mut Screen<'_>) -> Result<(), BoxError> {
    if !smoke.address.starts_with("https://") && !smoke.allow_http {
        return Err("the token would travel in the clear: the address must begin with https://".into());
    }
    // Somebody else in the process may have been first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let nonce = store.random_hex::<8>();
    let mut trial = Trial { smoke, client, screen, nonce };
    trial.paths_and_keys().await?;
    trial.webhook().await?;
    screen.result(&json!({"works": true}), "The deployment works.\n")
}

struct Trial<'a, 's> {
    smoke: &'a Smoke<'a>,
    client: reqwest::Client,
    screen: &'a mut Screen<'s>,
    /// A text that distinguishes this trial from others.
    nonce: String,
}

impl Trial<'_, '_> {
    async fn paths_and_keys(&mut self) -> Result<(), BoxError> {
        let key = Some(self.smoke.token.expose());
        let list = "/api/v2/webhooks";
        let without = self.expect("a list of webhooks", 200, "GET", list, key, None).await?;
        let slashed = format!("{list}/");
        let what = "the same with a trailing slash, as SD Elements' clients ask";
        let with = self.expect(what, 200, "GET", &slashed, key, None).await?;
        if without["count"] != with["count"] {
            return Err("the two forms of a path answer differently".into());
        }
        let wrong = format!("oh_nobody_{}", "x".repeat(43));
        self.expect("nobody is turned away", 401, "GET", &slashed, None, None).await?;
        self.expect("so is a wrong key", 401, "GET", &slashed, Some(&wrong), None).await?;
        self.expect("an unknown path is not found", 404, "GET", "/api/v2/nothing/", key, None).await?;
        self.expect("a wrong method is refused", 405, "PUT", &slashed, key, None).await?;
        Ok(())
    }

    async fn webhook(&mut self) -> Result<(), BoxError> {
        let key = Some(self.smoke.token.expose());
        let body = json!({"name": "smoke", "url": self.smoke.slack_url.expose()});
        let made = self.expect("a webhook is made", 201, "POST", "/api/v2/webhooks/", key, Some(body)).await?;
        let webhook = format!("/api/v2/webhooks/{}/", made["id"]);
        let delivered = self.deliver(&webhook).await;
        let deleted = self.expect("the webhook is deleted", 204, "DELETE", &webhook, key, None).await;
        delivered.and(deleted.map(drop))
    }

    async fn deliver(&mut self, webhook: &str) -> Result<(), BoxError> {
        let key = Some(self.smoke.token.expose());
        let test = format!("{webhook}test/");
        let attempt = self.expect("a test message is sent", 200, "POST", &test, key, None).await?;
        if attempt["status"] != 200 {
            let (status, why) = (&attempt["status"], &attempt["failure"]);
            return Err(format!("Slack answered the test message with {status}: {why}").into());
        }
        let (configurations, activities) = (format!("{webhook}configs/"), "/api/v2/projects/1/activities/");
        let body = json!({"event_source": EventSource::CreatedProjectActivity.as_str()});
        self.expect("it subscribes", 201, "POST", &configurations, key, Some(body)).await?;
        let description = format!("smoke {}", self.nonce);
        let body = json!({"name": EventSource::CreatedProjectActivity.as_str(), "data": {"project_desc": description}});
        let event = self.expect("an activity is published", 201, "POST", activities, key, Some(body)).await?;
        let path = format!("{webhook}deliveries/{}/", event["id"].as_str().unwrap_or_default());
        let started = Instant::now();
        let delivery = loop {
            let (status, delivery) = self.call("GET", &path, key, None).await?;
            if status == 200 && delivery["state"] != "pending" {
                break delivery;
            }
            if started.elapsed() > PATIENCE {
                let seconds = PATIENCE.as_secs();
                let advice = "look at `cargo admin doctor`";
                return Err(format!("the activity was not delivered within {seconds} s: {advice}").into());
            }
            tokio::time::sleep(PAUSE).await;
        };
        if delivery["state"] != "delivered" {
            return Err(format!("the activity was {}: {}", delivery["state"], delivery["reason"]).into());
        }
        self.screen.note(format!("ok: it is delivered, {:.1} s later", started.elapsed().as_secs_f64()))
    }

    /// The body of an answer that must have this status.
    async fn expect(
        &mut self,
        what: &str,
        status: u16,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<Value, BoxError> {
        let (got, answer) = self.call(method, path, key, body).await?;
        if got != status {
            let said = self.without_secrets(&answer.to_string());
            return Err(format!("{what}: {method} {path} answered {got} instead of {status}: {said}").into());
        }
        self.screen.note(format!("ok: {what}"))?;
        Ok(answer)
    }

    /// The status and the JSON of the answer; null for no body.
    async fn call(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<(u16, Value), BoxError> {
        let address = format!("{}{path}", self.smoke.address.trim_end_matches('/'));
        let mut request = self.client.request(method.parse()?, address);
        if let Some(key) = key {
            request = request.header("Authorization", format!("Token {key}"));
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status().as_u16(), answer.text().await?);
        if text.is_empty() {
            return Ok((status, Value::Null));
        }
        match serde_json::from_str(&text) {
            Ok(body) => Ok((status, body)),
            Err(_) => Err(format!("{method} {path}: {status} with a body that is not valid JSON").into()),
        }
    }

    fn without_secrets(&self, text: &str) -> String {
        text.replace(self.smoke.token.expose(), "…").replace(self.smoke.slack_url.expose(), "…")
    }
}
