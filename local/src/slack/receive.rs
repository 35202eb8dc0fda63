//! A delivery: what is answered, and that it is kept.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use super::{
    desk::Desk,
    messages::{Message, joined},
};
use crate::clock::now;

/// Answers as the path is told to, as the receiver that it is passed on to does, or as Slack would.
pub(super) async fn receive(desk: &Desk, path: String, headers: &HeaderMap, body: String) -> Response {
    let told = desk.held().behaviours.next(&path);
    let receiver = desk.held().receivers.get(path.split('?').next().unwrap_or(&path)).cloned();
    let (status, text, extra, delay) = match (told, receiver) {
        (None, Some(receiver)) => {
            let (status, headers, text) = receiver.pass(headers, body.clone()).await;
            (status, text, headers, 0)
        }
        (Some(told), _) => {
            let text = told.text().to_owned();
            (told.status, text, told.headers.into_iter().collect(), told.delay_ms)
        }
        (None, None) => {
            let (status, text, retry) = desk.held().contract.answer(&path, &body);
            let extra = retry.map(|seconds| ("Retry-After".to_owned(), seconds.to_string()));
            (status, text.to_owned(), extra.into_iter().collect(), 0)
        }
    };
    desk.held().messages.push(Message { path, received_at: now(), status, headers: joined(headers), body });
    desk.arrived.notify_waiters();
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
