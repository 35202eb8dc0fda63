//! Passes requests of the page of the APIs on to the API, which takes none from a page of another server ([`crate::guard`]).

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::viewer::Access;
use crate::client::client;

/// What the paths of such requests begin with.
pub(crate) const TRY: &str = "/openapi/try/";

/// Headers that the browser adds by itself, or that belong to one connection. They are not passed on.
const NOT_TYPED: [HeaderName; 14] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::UPGRADE,
    header::ORIGIN,
    header::REFERER,
    header::COOKIE,
    header::USER_AGENT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::PRAGMA,
];

/// Headers of replies that belong to one connection or to another page.
const NOT_SHOWN: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::SET_COOKIE];

/// Passes a request on with what was typed: method, path, query, body, and the headers that no browser adds by itself.
pub(crate) async fn try_it(access: Option<&Access>, parts: Parts, body: Bytes) -> Response {
    let Some(access) = access else {
        return (StatusCode::NOT_FOUND, "No API runs beside this stand-in.").into_response();
    };
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let url = format!("{}/{}", access.gateway(), path.strip_prefix(TRY).unwrap_or_default());
    match pass(url, parts, body).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("The API does not answer: {error}")).into_response(),
    }
}

async fn pass(url: String, parts: Parts, body: Bytes) -> Result<Response, reqwest::Error> {
    let client = client()?;
    let reply = client.request(parts.method, url).headers(typed(parts.headers)).body(body).send().await?;
    let (status, mut headers) = (reply.status(), reply.headers().clone());
    NOT_SHOWN.iter().for_each(|name| drop(headers.remove(name)));
    // Whatever it is, it is shown as data and never as a page of this server.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let mut response = Response::new(Body::from(reply.bytes().await?));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn typed(mut headers: HeaderMap) -> HeaderMap {
    NOT_TYPED.iter().for_each(|name| drop(headers.remove(name)));
    let of_browser: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with("sec-")).cloned().collect();
    of_browser.iter().for_each(|name| drop(headers.remove(name)));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_typed_is_passed_on() {
        let sent = [
            ("host", "127.0.0.1:3001"),
            ("origin", "http://127.0.0.1:3001"),
            ("cookie", "a=b"),
            ("sec-fetch-site", "same-origin"),
            ("user-agent", "a browser"),
            ("authorization", "Token k"),
            ("content-type", "application/json"),
            ("idempotency-key", "1"),
            ("accept", "application/json"),
        ];
        let headers =
            sent.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let mut names: Vec<_> = typed(headers).keys().map(ToString::to_string).collect();
        names.sort();
        assert_eq!(names, ["accept", "authorization", "content-type", "idempotency-key"]);
    }

    #[tokio::test]
    async fn without_an_api_there_is_nothing_to_try() {
        let (parts, ()) = axum::http::Request::get("/openapi/try/events").body(()).unwrap().into_parts();
        assert_eq!(try_it(None, parts, Bytes::new()).await.status(), StatusCode::NOT_FOUND);
    }
}
