//! Lambda's Invoke API, and asynchronous invocations as Lambda carries them out.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
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

use crate::{
    failure::InvocationFailure,
    functions::{Functions, Patience},
    limits::{MOST_ASYNCHRONOUS, MOST_SYNCHRONOUS},
    lock::lock,
};

/// The longest pause after an asynchronous invocation found no place; the first is a second, each of the next twice as long.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

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

/// Invokes functions for those who call Lambda.
#[derive(Clone)]
pub(crate) struct Invoker {
    pub(crate) functions: Functions,
    pub(crate) failures: Failures,
    /// How long an invocation waits for a place.
    pub(crate) patience: Duration,
    /// How long after an attempt a failed asynchronous invocation is tried again; twice as long after the second.
    pub(crate) pause: Duration,
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
        _ => match invoker.functions.invoke(&id, payload, Patience::Most(invoker.patience)).await {
            Ok(answer) => answer.into_response(),
            Err(InvocationFailure::Throttled { reserved }) => throttled(reserved),
            Err(failure) => {
                if matches!(failure, InvocationFailure::OutOfMemory { .. }) {
                    invoker.functions.log(&id, &failure.to_string());
                }
                ([("x-amz-function-error", "Unhandled")], failure.payload()).into_response()
            }
        },
    }
}

fn refuse(status: u16, kind: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"Type": "User", "Message": message}).to_string();
    (status, [("x-amzn-errortype", kind), ("content-type", "application/json")], body).into_response()
}

/// How Lambda refuses an invocation for which it has no place.
fn throttled(reserved: bool) -> Response {
    let reason = if reserved {
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    } else {
        "ConcurrentInvocationLimitExceeded"
    };
    let body = json!({"Type": "User", "Reason": reason, "message": "Rate Exceeded."}).to_string();
    let headers = [("x-amzn-errortype", "TooManyRequestsException"), ("content-type", "application/json")];
    (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response()
}

impl Invoker {
    /// Invokes a function asynchronously, by Lambda's rules: one that finds no place is tried again after pauses that grow, one
    /// that fails as often as the template says, and neither once it is older than the template says.
    pub(crate) fn spawn(&self, id: String, payload: Bytes) {
        let invoker = self.clone();
        tokio::spawn(async move {
            let Some(function) = invoker.functions.find(&id) else { return };
            let (begun, oldest) = (Instant::now(), Duration::from_secs(function.most_age_s));
            let (mut failed, mut refused) = (0, 0);
            loop {
                let patience = Patience::Most(invoker.patience);
                let Err(failure) = invoker.functions.invoke(&id, payload.clone(), patience).await else { return };
                if invoker.functions.is_stopping() {
                    return;
                }
                let pause = if matches!(failure, InvocationFailure::Throttled { .. }) {
                    refused += 1;
                    backoff(refused)
                } else {
                    failed += 1;
                    let of = function.retries + 1;
                    invoker.functions.log(&id, &format!("asynchronous invocation {failed} of {of} failed: {failure}"));
                    invoker.pause * failed
                };
                let condition = match () {
                    () if failed > function.retries => "RetriesExhausted",
                    () if begun.elapsed() + pause > oldest => "EventAgeExceeded",
                    () => {
                        tokio::time::sleep(pause).await;
                        continue;
                    }
                };
                return invoker.give_up(&id, condition, &failure, &payload);
            }
        });
    }

    fn give_up(&self, id: &str, condition: &str, failure: &InvocationFailure, payload: &Bytes) {
        self.functions.log(id, &format!("an asynchronous invocation was given up: {condition}"));
        let payload = serde_json::from_slice::<Value>(payload).unwrap_or_default();
        let reason = failure.to_string();
        self.failures.push(json!({"function": id, "condition": condition, "reason": reason, "payload": payload}));
    }
}

/// How long to wait after an invocation has found no place so often.
fn backoff(refused: u32) -> Duration {
    Duration::from_secs(1 << refused.saturating_sub(1).min(9)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_of_an_invocation_without_a_place_double_from_a_second_to_five_minutes() {
        let pauses: Vec<_> = (1..12).map(|refused| backoff(refused).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }
}
