//! A stand-in for Slack, and for every other receiver.
//!
//! Paths under `/services/` keep the contract of Slack's incoming webhooks: one message a second, its limits, its error
//! strings. Other paths are receivers of other APIs' webhooks and answer 200. Either can be told to answer otherwise, or to pass
//! what arrives on to a receiver on this machine. A page shows what arrived.

mod behaviour;
mod choice;
mod contract;
mod desk;
mod foldable;
mod messages;
mod page;
mod receive;
mod shown;
mod signature;
mod surroundings;

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Json, Redirect, Response},
};
use tokio::time::timeout_at;

use crate::{docs, forward::Receiver, openapi, question::Question};
use behaviour::Behaviour;
use desk::{Desk, Held};
pub(crate) use surroundings::{Surroundings, console_link};

/// The most of a request's body that is read, in bytes.
const MOST: usize = 4 << 20;

/// The stand-in's routes.
pub(crate) fn router(surroundings: Surroundings) -> Router {
    Router::new().fallback(serve).with_state(Arc::new(Desk::new(surroundings)))
}

async fn serve(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = axum::body::to_bytes(body, MOST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    if let Some(of) = path.strip_prefix("/forward") {
        return forward(&desk, &parts.method, of, &text);
    }
    let api = desk.surroundings.api.as_deref();
    if path.starts_with(openapi::TRY) {
        return openapi::try_it(api, parts, body).await;
    }
    match (&parts.method, path.as_str(), path.strip_prefix("/behaviour")) {
        (&Method::GET, "/", _) => shown::page(&desk, parts.uri.query()).await,
        (&Method::GET, _, _) if path.starts_with("/_page/") => shown::file(&path["/_page/".len()..]),
        (&Method::GET, "/console-link", _) => console(&desk).await,
        (&Method::POST, "/_behave", _) => behave(&desk, &text),
        (&Method::GET, "/openapi", _) => openapi::serve("", api),
        (&Method::GET, _, _) if path.starts_with("/openapi/") => openapi::serve(&path["/openapi/".len()..], api),
        (&Method::GET, "/docs", _) => Redirect::permanent("/docs/").into_response(),
        (&Method::GET, _, _) if path.starts_with("/docs/") => documentation(&path["/docs/".len()..]),
        (&Method::GET, "/messages", _) => messages(&desk, &Question::parse(parts.uri.query())).await,
        (&Method::DELETE, "/messages", _) => {
            desk.held().messages.clear();
            StatusCode::NO_CONTENT.into_response()
        }
        // As if it had just been started.
        (&Method::DELETE, "/", _) => {
            *desk.held() = Held::default();
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::PUT, _, Some(of)) => match Behaviour::parse(&text) {
            Ok(behaviour) => {
                desk.held().behaviours.tell(of, behaviour);
                StatusCode::NO_CONTENT.into_response()
            }
            Err(wrong) => (StatusCode::BAD_REQUEST, wrong).into_response(),
        },
        (&Method::DELETE, _, Some(of)) => {
            desk.held().behaviours.forget(of);
            StatusCode::NO_CONTENT.into_response()
        }
        (&Method::POST, _, _) => receive::receive(&desk, format!("{path}{query}"), &parts.headers, text).await,
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

/// Redirects to a link that enters the console.
async fn console(desk: &Desk) -> Response {
    let Some(link) = &desk.surroundings.console_link else { return StatusCode::NOT_FOUND.into_response() };
    match link().await {
        Some(url) => Redirect::to(&url).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "The stack could not make a link to the console.").into_response(),
    }
}

/// Does what a button of the page asks for, and shows the page again. [`crate::guard`] refuses the forms of other pages.
fn behave(desk: &Desk, form: &str) -> Response {
    match choice::read(form) {
        Ok((path, Some(behaviour))) => desk.held().behaviours.tell(&path, behaviour),
        Ok((path, None)) => desk.held().behaviours.forget(&path),
        Err(wrong) => return (StatusCode::BAD_REQUEST, wrong).into_response(),
    }
    Redirect::to("/").into_response()
}

/// Starts or stops passing deliveries to that path on to a receiver on this machine.
fn forward(desk: &Desk, method: &Method, of: &str, receiver: &str) -> Response {
    match *method {
        Method::PUT => match Receiver::parse(receiver) {
            Some(receiver) => {
                desk.held().receivers.insert(of.to_owned(), receiver);
                StatusCode::NO_CONTENT.into_response()
            }
            None => (StatusCode::BAD_REQUEST, "give the http URL of a receiver on 127.0.0.1").into_response(),
        },
        Method::DELETE => {
            desk.held().receivers.remove(of);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Lists the messages that are asked for, in order of arrival. If there are none yet, it waits for the first one.
async fn messages(desk: &Desk, question: &Question) -> Response {
    let until = tokio::time::Instant::now() + question.wait;
    loop {
        // Taken before looking, so that no arrival is missed in between.
        let arrived = desk.arrived.notified();
        let asked = messages::asked(&desk.held().messages, question);
        if !asked.is_empty() || timeout_at(until, arrived).await.is_err() {
            return Json(asked).into_response();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_way_into_the_console_is_what_the_stack_supplies() {
        let with = |link: Option<surroundings::ConsoleLink>| {
            Desk::new(Surroundings { console_link: link, ..Surroundings::default() })
        };
        assert_eq!(console(&with(None)).await.status(), StatusCode::NOT_FOUND);
        let fails =
            Arc::new(|| -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send>> { Box::pin(async { None }) });
        assert_eq!(console(&with(Some(fails))).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        let url = "http://127.0.0.1:3000/console?ticket=1";
        let works = Arc::new(move || -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send>> {
            Box::pin(async move { Some(url.to_owned()) })
        });
        let reply = console(&with(Some(works))).await;
        assert_eq!((reply.status(), &reply.headers()["location"]), (StatusCode::SEE_OTHER, &url.parse().unwrap()));
    }
}
