//! Lambda's Invoke API, and asynchronous invocations as Lambda carries them out.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use crate::functions::Functions;

/// The API: `POST /2015-03-31/functions/{name}/invocations`.
pub(crate) fn router(functions: Functions) -> Router {
    Router::new().route("/2015-03-31/functions/{name}/invocations", post(invoke)).with_state(functions)
}

async fn invoke(
    State(functions): State<Functions>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let Some(function) = functions.find(&name) else {
        return (StatusCode::NOT_FOUND, json!({"Type": "User", "Message": "Function not found"}).to_string())
            .into_response();
    };
    let id = function.id.clone();
    let kind = headers.get("x-amz-invocation-type").and_then(|kind| kind.to_str().ok()).unwrap_or("RequestResponse");
    if kind == "Event" {
        spawn(&functions, id, payload);
        return StatusCode::ACCEPTED.into_response();
    }
    match functions.invoke(&id, payload).await {
        Ok(answer) => answer.into_response(),
        Err(error) => ([("x-amz-function-error", "Unhandled")], error).into_response(),
    }
}

/// Invokes a function asynchronously, and again as often as the template says if it fails.
pub(crate) fn spawn(functions: &Functions, id: String, payload: Bytes) {
    let functions = functions.clone();
    tokio::spawn(async move {
        let retries = functions.find(&id).map_or(0, |function| function.retries);
        for attempt in 0..=retries {
            match functions.invoke(&id, payload.clone()).await {
                Ok(_) => return,
                Err(error) => eprintln!("{id}: asynchronous invocation {} failed: {error}", attempt + 1),
            }
        }
    });
}
