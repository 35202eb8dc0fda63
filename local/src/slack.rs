//! A stand-in for Slack, and for every other receiver.
//!
//! Paths under `/services/` keep the contract of Slack's incoming webhooks: one message a second, its limits, its error
//! strings. Other paths are receivers of other APIs' webhooks and answer 200. Either can be told to answer otherwise, or to pass
//! what arrives on to a receiver on this machine.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Json, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{sync::Notify, time::timeout_at};

use crate::{clock::now, docs, forward::Receiver, openapi, question::Question};

/// How much too early a message may arrive: two messages that were sent a second apart may arrive less than a second
/// apart.
const TOLERANCE: Duration = Duration::from_millis(20);

/// A request that arrived.
#[derive(Clone, Debug, Serialize)]
struct Message {
    path: String,
    received_at: String,
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

/// The reply that a path is told to give.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    #[serde(default = "ok")]
    status: u16,
    /// What Slack says, unless told otherwise, with a status of success; else nothing.
    body: Option<String>,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    delay_ms: u64,
    times: Option<u64>,
}

fn ok() -> u16 {
    200
}

#[derive(Default)]
struct Slack {
    messages: Vec<Message>,
    behaviours: HashMap<String, Behaviour>,
    /// The receiver on this machine that the deliveries to each path are passed on to.
    receivers: HashMap<String, Receiver>,
    last: HashMap<String, Instant>,
}

/// What has arrived, and a signal for each arrival.
#[derive(Default)]
struct Desk {
    slack: Mutex<Slack>,
    arrived: Notify,
}

type Shared = Arc<Desk>;

/// The stand-in's routes.
pub(crate) fn router() -> Router {
    Router::new().fallback(serve).with_state(Shared::default())
}

async fn serve(State(slack): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = axum::body::to_bytes(body, 4 << 20).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    if let Some(of) = path.strip_prefix("/forward") {
        return forward(&slack, &parts.method, of, &text);
    }
    match (&parts.method, path.as_str(), path.strip_prefix("/behaviour")) {
        (&Method::GET, "/", _) => Html(page(&lock(&slack).messages)).into_response(),
        (&Method::GET, "/openapi", _) => openapi::serve(""),
        (&Method::GET, _, _) if path.starts_with("/openapi/") => openapi::serve(&path["/openapi/".len()..]),
        (&Method::GET, "/docs", _) => Redirect::permanent("/docs/").into_response(),
        (&Method::GET, _, _) if path.starts_with("/docs/") => documentation(&path["/docs/".len()..]),
        (&Method::GET, "/messages", _) => messages(&slack, &Question::parse(parts.uri.query())).await,
        (&Method::DELETE, "/messages", _) => {
            lock(&slack).messages.clear();
            StatusCode::NO_CONTENT.into_response()
        }
        // As if it had just been started.
        (&Method::DELETE, "/", _) => {
            *lock(&slack) = Slack::default();
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::PUT, _, Some(of)) => match serde_json::from_str::<Behaviour>(&text) {
            Ok(Behaviour { status, .. }) if StatusCode::from_u16(status).is_err() => {
                (StatusCode::BAD_REQUEST, "status: from 100 to 999").into_response()
            }
            Ok(Behaviour { headers, .. })
                if headers.iter().any(|(name, value)| {
                    HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err()
                }) =>
            {
                (StatusCode::BAD_REQUEST, "headers: a name or a value that HTTP does not allow").into_response()
            }
            Ok(behaviour) => {
                lock(&slack).behaviours.insert(of.to_owned(), behaviour);
                StatusCode::NO_CONTENT.into_response()
            }
            Err(error) => {
                let form = "wanted is JSON with any of status, body, headers, delay_ms and times";
                (StatusCode::BAD_REQUEST, format!("{form}: {error}")).into_response()
            }
        },
        (&Method::DELETE, _, Some(of)) => {
            lock(&slack).behaviours.remove(of);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::POST, _, _) => receive(&slack, format!("{path}{query}"), &parts.headers, text).await,
        // A delivery is a POST. A browser that shows the page asks for a picture beside it, for example.
        (&Method::GET, _, _) => StatusCode::NOT_FOUND.into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// A page of the documentation, as it is in the repository that this stack was built from.
fn documentation(address: &str) -> Response {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    match root.and_then(|root| docs::file(root, address)) {
        Some((kind, text)) => ([(CONTENT_TYPE, kind)], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Starts or stops passing deliveries to that path on to a receiver on this machine.
fn forward(slack: &Shared, method: &Method, of: &str, receiver: &str) -> Response {
    match *method {
        Method::PUT => match Receiver::parse(receiver) {
            Some(receiver) => {
                lock(slack).receivers.insert(of.to_owned(), receiver);
                StatusCode::NO_CONTENT.into_response()
            }
            None => (StatusCode::BAD_REQUEST, "give the http URL of a receiver on 127.0.0.1").into_response(),
        },
        Method::DELETE => {
            lock(slack).receivers.remove(of);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Lists the messages that are asked for, in order of arrival. If there are none yet, it waits for the first one.
async fn messages(slack: &Shared, question: &Question) -> Response {
    let until = tokio::time::Instant::now() + question.wait;
    loop {
        // Taken before looking, so that no arrival is missed in between.
        let arrived = slack.arrived.notified();
        let asked: Vec<Message> = lock(slack).messages.iter().filter(|one| question.fits(&one.path)).cloned().collect();
        if !asked.is_empty() || timeout_at(until, arrived).await.is_err() {
            return Json(asked).into_response();
        }
    }
}

async fn receive(slack: &Shared, path: String, headers: &HeaderMap, body: String) -> Response {
    let behaviour = lock(slack).behaviour(&path);
    let receiver = lock(slack).receivers.get(path.split('?').next().unwrap_or(&path)).cloned();
    let (status, text, extra, delay) = match (behaviour, receiver) {
        (None, Some(receiver)) => {
            let (status, headers, text) = receiver.pass(headers, body.clone()).await;
            (status, text, headers.into_iter().collect(), 0)
        }
        (Some(told), _) => {
            let usual = if (200..300).contains(&told.status) { "ok" } else { "" };
            (told.status, told.body.unwrap_or_else(|| usual.to_owned()), told.headers, told.delay_ms)
        }
        (None, None) => {
            let (status, text, retry) = lock(slack).contract(&path, &body);
            let extra = retry.map(|seconds| ("Retry-After".to_owned(), seconds.to_string()));
            (status, text.to_owned(), extra.into_iter().collect(), 0)
        }
    };
    let mut shown: HashMap<String, String> = HashMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        shown
            .entry(name.to_string())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    lock(slack).messages.push(Message { path, received_at: now().to_string(), status, headers: shown, body });
    slack.arrived.notify_waiters();
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
    for (name, value) in extra {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

impl Slack {
    /// The reply that the path is told to give this time, if any.
    fn behaviour(&mut self, path: &str) -> Option<Behaviour> {
        let path = path.split('?').next().unwrap_or(path);
        let told = self.behaviours.get_mut(path)?;
        match &mut told.times {
            Some(0) => {
                self.behaviours.remove(path);
                None
            }
            Some(times) => {
                *times -= 1;
                Some(told.clone())
            }
            None => Some(told.clone()),
        }
    }

    /// Slack's reply: status, text and the seconds of Retry-After.
    fn contract(&mut self, path: &str, body: &str) -> (u16, &'static str, Option<u64>) {
        if !path.starts_with("/services/") {
            return (200, "ok", None);
        }
        let now = Instant::now();
        let early = |last: &Instant| now.duration_since(*last) + TOLERANCE < Duration::from_secs(1);
        if self.last.get(path).is_some_and(early) {
            return (429, "rate_limited", Some(1));
        }
        self.last.insert(path.to_owned(), now);
        match complaint(body) {
            Some(text) => (400, text, None),
            None => (200, "ok", None),
        }
    }
}

/// Why Slack would reject a message: its error string, by the limits of its Block Kit reference.
fn complaint(body: &str) -> Option<&'static str> {
    let Ok(message) = serde_json::from_str::<Value>(body) else { return Some("invalid_payload") };
    if !message.is_object() {
        return Some("invalid_payload");
    }
    let text = message["text"].as_str().unwrap_or_default();
    let blocks = message["blocks"].as_array();
    if text.is_empty() && blocks.is_none_or(Vec::is_empty) {
        return Some("no_text");
    }
    let good = |text: &Value, most: usize| {
        let text = text["text"].as_str().unwrap_or_default();
        !text.is_empty() && text.encode_utf16().count() <= most
    };
    let fits = |block: &Value| match block["type"].as_str() {
        Some("header") => good(&block["text"], 150),
        Some("section") => match block["fields"].as_array() {
            Some(fields) => (1..=10).contains(&fields.len()) && fields.iter().all(|field| good(field, 2_000)),
            None => good(&block["text"], 3_000),
        },
        Some("divider" | "context") => true,
        _ => false,
    };
    let too_long = text.encode_utf16().count() > 40_000;
    let bad = blocks.is_some_and(|blocks| blocks.len() > 50 || !blocks.iter().all(fits));
    (too_long || bad).then_some("invalid_blocks")
}

fn page(messages: &[Message]) -> String {
    let rows: String = messages
        .iter()
        .rev()
        .map(|message| {
            let body = serde_json::from_str::<Value>(&message.body)
                .and_then(|body| serde_json::to_string_pretty(&body))
                .unwrap_or_else(|_| message.body.clone());
            format!(
                "<article><h2>{} <small>{} → {}</small></h2><pre>{}</pre></article>",
                escape(&message.received_at),
                escape(&message.path),
                message.status,
                escape(&body)
            )
        })
        .collect();
    format!(
        "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=2><title>What arrived</title>\
         <style>body{{font:15px system-ui;max-width:60rem;margin:2rem auto}}article{{border-left:4px solid #4a154b;\
         padding:0 1rem;margin:1rem 0}}h2{{font-size:1rem}}pre{{white-space:pre-wrap}}</style>\
         <h1>What arrived: {}</h1><p><a href=/docs/>Documentation</a> · <a href=/openapi>APIs</a></p>{rows}",
        messages.len()
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn lock(slack: &Shared) -> std::sync::MutexGuard<'_, Slack> {
    slack.slack.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slacks_error_strings() {
        assert_eq!(complaint("{"), Some("invalid_payload"));
        assert_eq!(complaint("{}"), Some("no_text"));
        assert_eq!(complaint(r#"{"text": "x"}"#), None);
        let header = |text: &str| {
            json!({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}).to_string()
        };
        assert_eq!(complaint(&header(&"x".repeat(150))), None);
        assert_eq!(complaint(&header(&"x".repeat(151))), Some("invalid_blocks"));
        assert_eq!(complaint(&header("")), Some("invalid_blocks"));
    }

    #[test]
    fn one_message_a_second_for_each_webhook() {
        let mut slack = Slack::default();
        let body = r#"{"text": "x"}"#;
        assert_eq!(slack.contract("/services/T/B/X", body).0, 200);
        assert_eq!(slack.contract("/services/T/B/X", body), (429, "rate_limited", Some(1)));
        assert_eq!(slack.contract("/services/T/B/Y", body).0, 200);
        assert_eq!(slack.contract("/example.com/a", body).0, 200);
        assert_eq!(slack.contract("/example.com/a", body).0, 200);
    }

    #[test]
    fn a_behaviour_lasts_as_often_as_told() {
        let mut slack = Slack::default();
        let told = serde_json::from_str(r#"{"status": 500, "times": 1}"#).unwrap();
        slack.behaviours.insert("/a".to_owned(), told);
        assert_eq!(slack.behaviour("/a").unwrap().status, 500);
        assert!(slack.behaviour("/a").is_none());
    }
}
