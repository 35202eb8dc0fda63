//! What every HTTP function has at hand, and the loop that runs it.

use std::{panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt as _;
use lambda_http::{Body, Response, service_fn, tracing::init_default_subscriber};
use serde_json::json;

use super::{Reply, Request};
use crate::{
    auth::Callers,
    delivery::Waker,
    store::{Store, aws_config, variable},
};

/// Why a function could not start, or the runtime failed.
pub type Error = lambda_http::Error;

/// What an HTTP function has at hand; made once, before the first request.
#[derive(Debug)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The tokens that were seen of late.
    pub callers: Callers,
    /// How drain is woken.
    pub waker: Waker,
}

/// A reply on its way.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// A function's work. A plain function pointer, so that the loop around it is compiled once and not in each function.
pub type Handle = for<'a> fn(&'a App, &'a Request) -> Pending<'a>;

/// Serves requests until Lambda ends the process. Opens the connection to DynamoDB first.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run(handle: Handle) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        init_default_subscriber();
        let config = aws_config(None).await;
        let store = Store::from_env(&config);
        store.warm_up().await;
        let app = App { store, callers: Callers::default(), waker: Waker::from_env(&config) };
        let public_url = variable("PUBLIC_URL");
        let (app, public_url) = (&app, public_url.as_deref());
        lambda_http::run(service_fn(move |event: lambda_http::Request| async move {
            let request = super::gateway::read(event, public_url);
            Ok::<_, Error>(respond(&request, answer(handle, app, &request).await))
        }))
        .await
    })
}

/// Answers a request. A panic, which would be a defect, costs that request its answer but not the environment its life.
async fn answer(handle: Handle, app: &App, request: &Request) -> Reply {
    let started = app.store.clock().monotonic();
    let reply = AssertUnwindSafe(handle(app, request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(http.method = %request.method, "the handler panicked");
        Reply::json(500, &json!({"detail": "Internal server error.", "status": 500, "title": "Internal server error."}))
    });
    let duration = app.store.clock().monotonic().saturating_sub(started);
    tracing::info!(
        http.request_id = request.id,
        http.method = %request.method,
        http.status = reply.status,
        duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    reply
}

fn respond(request: &Request, reply: Reply) -> Response<Body> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    if reply.body.is_some() {
        response = response.header("Content-Type", "application/json");
    }
    let body = reply.body.filter(|_| request.method != http::Method::HEAD).map_or(Body::Empty, Body::Text);
    response.body(body).unwrap_or_else(|_| {
        let mut failed = Response::new(Body::Empty);
        *failed.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
