//! Lambda's Runtime API, by which the processes get their invocations and answer them.
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>)

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{failure::InvocationFailure, functions::Functions, limits::MOST_SYNCHRONOUS};

/// The API for all environments, each under its own path: `/<function>/<environment>/2018-06-01/runtime/...`.
pub(crate) fn router(functions: Functions) -> Router {
    let base = "/{function}/{environment}/2018-06-01/runtime";
    Router::new()
        .route(&format!("{base}/invocation/next"), get(next))
        .route(&format!("{base}/invocation/{{id}}/response"), post(respond))
        .route(&format!("{base}/invocation/{{id}}/error"), post(fail))
        .route(&format!("{base}/init/error"), post(fail_to_start))
        // Larger ones are read, to say how large they are.
        .layer(DefaultBodyLimit::max(4 * MOST_SYNCHRONOUS))
        .with_state(functions)
}

async fn next(State(functions): State<Functions>, Path((id, environment)): Path<(String, u64)>) -> Response {
    let Some(function) = functions.find(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let (request, payload, deadline_ms) = functions.next(environment).await;
    let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{}", function.name);
    let mut headers = HeaderMap::new();
    for (header, value) in [
        ("lambda-runtime-aws-request-id", request),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(header, value);
        }
    }
    (headers, payload).into_response()
}

async fn respond(
    State(functions): State<Functions>,
    Path((_, environment, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    let size = body.len();
    let outcome = if size > MOST_SYNCHRONOUS {
        let error = serde_json::json!({
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": format!("Response payload size ({size} bytes) exceeded maximum allowed payload size"),
        });
        Err(InvocationFailure::Reported(error.to_string()))
    } else {
        Ok(body)
    };
    accepted(functions.settle(environment, &id, outcome))
}

async fn fail(
    State(functions): State<Functions>,
    Path((_, environment, id)): Path<(String, u64, String)>,
    body: Bytes,
) -> StatusCode {
    let error = InvocationFailure::Reported(String::from_utf8_lossy(&body).into_owned());
    accepted(functions.settle(environment, &id, Err(error)))
}

async fn fail_to_start(
    State(functions): State<Functions>,
    Path((_, environment)): Path<(String, u64)>,
    body: Bytes,
) -> StatusCode {
    functions.account().init_error(environment, &String::from_utf8_lossy(&body));
    StatusCode::ACCEPTED
}

fn accepted(yes: bool) -> StatusCode {
    if yes { StatusCode::ACCEPTED } else { StatusCode::BAD_REQUEST }
}
