//! The loop that serves requests.

use std::{panic::AssertUnwindSafe, pin::Pin};

use futures_util::FutureExt as _;
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};

use super::{App, Callers};
use crate::{
    aws::{connect, variable},
    delivery::Waker,
    http::{Answer, Event, Reply, Request, read, write_log_line},
    runtime::{Error, block_on},
    store::{Store, Tables},
};

/// The future of a reply.
pub type ReplyFuture<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// The handler of a function. It is a plain function pointer, so that the loop around it is compiled once and not for
/// each function.
pub type Handle = for<'a> fn(&'a App, &'a Request) -> ReplyFuture<'a>;

/// Makes the reply to a request whose handler panicked.
pub type Defect = fn(&Request) -> Reply;

/// Serves requests with `handle` until Lambda ends the process. Opens the connection to DynamoDB first.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run(handle: Handle, defect: Defect) -> Result<(), Error> {
    block_on(async {
        let (aws, database) = connect().await;
        let store = Store::new(database, Tables::from_env());
        let app = App { store, callers: Callers::default(), waker: Waker::from_env(&aws) };
        let public_url = variable("PUBLIC_URL");
        let (app, public_url) = (&app, public_url.as_deref());
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| async move {
            Ok::<_, Error>(serve(handle, defect, app, event.payload, public_url).await)
        }))
        .await
    })
}

/// Serves one event of the gateway, and returns the reply in the gateway's format.
pub(super) async fn serve(handle: Handle, defect: Defect, app: &App, event: Event, public_url: Option<&str>) -> Answer {
    let version_2 = event.is_version_2();
    let request = read(event, public_url);
    let reply = answer(handle, defect, app, &request).await;
    Answer::new(&request, reply, version_2)
}

/// Answers a request and writes its log line. If the handler panics, which would be a defect, only this request gets a
/// 500; the environment goes on.
async fn answer(handle: Handle, defect: Defect, app: &App, request: &Request) -> Reply {
    let started = app.store.clock().monotonic();
    let reply = AssertUnwindSafe(handle(app, request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(http.method = %request.method, "the handler panicked");
        defect(request)
    });
    write_log_line(request, &reply, app.store.clock().monotonic().saturating_sub(started));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::defect, store::nowhere};

    /// Panics after a wait if the path ends with `panic`, and answers every other request.
    fn handle<'a>(_: &'a App, request: &'a Request) -> ReplyFuture<'a> {
        Box::pin(async {
            tokio::task::yield_now().await;
            assert!(!request.path.as_str().ends_with("panic"), "a defect");
            Reply::no_content()
        })
    }

    #[tokio::test]
    async fn a_panic_is_a_500_in_the_apis_shape_and_the_next_request_is_answered() {
        let store = nowhere();
        let app = App { store, callers: Callers::default(), waker: Waker::default() };
        let ask = async |path: &str| {
            let request = Request { path: path.into(), id: "1-2".to_owned(), ..Request::default() };
            answer(handle, defect, &app, &request).await
        };
        for (stem, body) in [
            ("/api/v2/webhooks", r#"{"detail":"Internal server error."}"#),
            ("/events", r#"{"detail":"Internal server error."}"#),
            ("/api/webhooks/v4/webhooks", r#"{"status":500,"title":"Internal Server Error"}"#),
            (
                "/organizations/1/projects/2/settings/webhooks",
                r#"{"statusCode":500,"error":"Internal Server Error","message":"internal server error"}"#,
            ),
            (
                "/event/1/webhooks",
                r#"{"httpStatusCode":500,"errorCode":"INTERNAL","message":"Something went wrong.","errors":[]}"#,
            ),
            (
                "/operations/webhooks",
                r#"{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Something went wrong."}"#,
            ),
        ] {
            let reply = ask(&format!("{stem}/panic")).await;
            assert_eq!((reply.status, reply.body.as_deref()), (500, Some(body)), "{stem}");
            assert_eq!(ask(stem).await.status, 204, "{stem}");
        }
        assert_eq!(ask("/api/webhooks/v4/webhooks/panic").await.headers, [("flip-request-id", "1-2".to_owned())]);
    }
}
