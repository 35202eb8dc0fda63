//! Lambda's Invoke API, and asynchronous invocations as Lambda carries them out.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::functions::{Functions, lock};

/// The largest payload and answer of an invocation that is waited for, in bytes.
pub(crate) const MOST_SYNCHRONOUS: usize = 6 * 1024 * 1024;

/// The largest payload of an asynchronous invocation, in bytes.
const MOST_ASYNCHRONOUS: usize = 1024 * 1024;

/// How long after an attempt a failed asynchronous invocation is tried again. Lambda waits one and two minutes.
const PAUSE: Duration = Duration::from_secs(1);

/// What was given up: records by the stream's mapping, and asynchronous invocations. The place of on-failure destinations.
#[derive(Clone, Default)]
pub(crate) struct Failures(Arc<Mutex<Vec<Value>>>);

impl Failures {
    /// Keeps one more.
    pub(crate) fn push(&self, failure: Value) {
        lock(&self.0).push(failure);
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<Value> {
        lock(&self.0).clone()
    }
}

/// Invokes functions without waiting for them.
#[derive(Clone)]
pub(crate) struct Invoker {
    pub(crate) functions: Functions,
    pub(crate) failures: Failures,
}

/// The API: `POST /2015-03-31/functions/{name}/invocations`; and `GET /_failures`, which shows what was given up.
pub(crate) fn router(invoker: Invoker) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .route("/_failures", get(|State(invoker): State<Invoker>| async move { Json(invoker.failures.all()) }))
        .layer(DefaultBodyLimit::max(MOST_SYNCHRONOUS))
        .with_state(invoker)
}

async fn invoke(
    State(invoker): State<Invoker>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let Some(function) = invoker.functions.find(&name) else {
        return refuse(404, "ResourceNotFoundException", &format!("Function not found: {name}"));
    };
    let id = function.id.clone();
    let kind = headers.get("x-amz-invocation-type").and_then(|kind| kind.to_str().ok()).unwrap_or("RequestResponse");
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    if serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_err() {
        return refuse(400, "InvalidRequestContentException", "Could not parse request body into json");
    }
    match kind {
        "Event" if payload.len() > MOST_ASYNCHRONOUS => {
            refuse(413, "RequestTooLargeException", "an asynchronous invocation takes at most 1 MB")
        }
        "Event" => {
            invoker.spawn(id, payload);
            StatusCode::ACCEPTED.into_response()
        }
        "DryRun" => StatusCode::NO_CONTENT.into_response(),
        _ => match invoker.functions.invoke(&id, payload).await {
            Ok(answer) => answer.into_response(),
            Err(failure) => ([("x-amz-function-error", "Unhandled")], failure.payload()).into_response(),
        },
    }
}

fn refuse(status: u16, kind: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"Type": "User", "Message": message}).to_string();
    (status, [("x-amzn-errortype", kind), ("content-type", "application/json")], body).into_response()
}

impl Invoker {
    /// Invokes a function asynchronously, and again as often as the template says if it fails.
    pub(crate) fn spawn(&self, id: String, payload: Bytes) {
        let Self { functions, failures } = self.clone();
        tokio::spawn(async move {
            let retries = functions.find(&id).map_or(0, |function| function.retries);
            let mut attempt = 0;
            loop {
                let Err(failure) = functions.invoke(&id, payload.clone()).await else { return };
                if functions.is_stopping() {
                    return;
                }
                attempt += 1;
                functions.log(&id, &format!("asynchronous invocation {attempt} of {} failed: {failure}", retries + 1));
                if attempt > retries {
                    let payload = serde_json::from_slice::<Value>(&payload).unwrap_or_default();
                    failures.push(json!({"function": id, "reason": failure.to_string(), "payload": payload}));
                    return;
                }
                tokio::time::sleep(PAUSE * attempt).await;
            }
        });
    }
}
