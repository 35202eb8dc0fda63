//! The REST API: from an HTTP request to API Gateway's proxy event (payload version 1) and back.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    clock::now_ms,
    failure::InvocationFailure,
    functions::{Functions, Patience},
    limits::MOST_SYNCHRONOUS,
    log_lines::{GATEWAY, access},
    routes::{Route, find},
    shown_path::shown,
};

/// The largest request that API Gateway accepts, in bytes.
const MOST: usize = 10 * 1024 * 1024;

#[derive(Clone)]
struct Gateway {
    functions: Functions,
    patience: Patience,
    routes: Arc<Vec<Route>>,
}

/// Serves the API's routes. A request waits for a place for a function for at most `patience`.
pub(crate) fn router(functions: Functions, routes: Vec<Route>, patience: Duration) -> Router {
    let patience = Patience::Most(patience);
    Router::new().fallback(serve).with_state(Gateway { functions, patience, routes: Arc::new(routes) })
}

/// Answers a request, and logs it in one line.
async fn serve(State(gateway): State<Gateway>, request: Request) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().to_string(), shown(request.uri().path()));
    let response = answer(&gateway, request).await;
    // HTTP's methods are at most this long. A longer one may be anything, so it is not shown.
    let method = if method.len() <= 7 { &*method } else { "other" };
    let took_ms = began.elapsed().as_millis();
    gateway.functions.log(GATEWAY, &access(method, &path, response.status().as_u16(), took_ms));
    response
}

async fn answer(gateway: &Gateway, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST).await else {
        return own_answer(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
    };
    let Some((route, parameters)) = find(&gateway.routes, parts.method.as_str(), parts.uri.path()) else {
        return own_answer(StatusCode::NOT_FOUND, "Not found.");
    };
    let event = event(&parts, &body, &route.resource, &parameters, &gateway.functions.request_id()).to_string();
    if event.len() > MOST_SYNCHRONOUS {
        return own_answer(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
    }
    match gateway.functions.invoke(&route.function, event.into(), gateway.patience).await {
        Ok(answer) => {
            reply(&answer).unwrap_or_else(|| own_answer(StatusCode::BAD_GATEWAY, "The request could not be processed."))
        }
        Err(error) => {
            gateway.functions.log(&route.function, &error.to_string());
            match error {
                InvocationFailure::Throttled { .. } => throttled(),
                InvocationFailure::TimedOut(_) => own_answer(StatusCode::GATEWAY_TIMEOUT, "The request took too long."),
                _ => own_answer(StatusCode::BAD_GATEWAY, "The request could not be processed."),
            }
        }
    }
}

/// The gateway's answer where no place for the function was free. That of AWS says 500, as if something were broken; but what
/// the client is to do is what this says.
fn throttled() -> Response {
    let answer = own_answer(StatusCode::TOO_MANY_REQUESTS, "Request was throttled.");
    ([("retry-after", "1")], answer).into_response()
}

/// The gateway's own answer, as the template's gateway responses have it.
pub(crate) fn own_answer(status: StatusCode, text: &str) -> Response {
    let body = json!({"detail": text, "message": text, "title": text, "status": status.as_u16()}).to_string();
    (status, [("content-type", "application/json")], body).into_response()
}

fn event(
    parts: &Parts,
    body: &Bytes,
    resource: &str,
    parameters: &BTreeMap<String, String>,
    request_id: &str,
) -> Value {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        headers.entry(name.to_string()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        query.entry(decoded(name)).or_default().push(decoded(value));
    }
    let last = |map: &BTreeMap<String, Vec<String>>| -> Value {
        let pairs = map.iter().filter_map(|(name, values)| Some((name.clone(), json!(values.last()?))));
        Value::Object(pairs.collect())
    };
    let or_null =
        |value: Value| if value.as_object().is_some_and(serde_json::Map::is_empty) { Value::Null } else { value };
    let text = std::str::from_utf8(body).ok();
    let path = parts.uri.path();
    json!({
        "resource": resource,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": last(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": or_null(last(&query)),
        "multiValueQueryStringParameters": or_null(json!(query)),
        "pathParameters": or_null(json!(parameters)),
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "resourceId": "local", "stage": "local", "protocol": "HTTP/1.1",
            "domainName": "local.execute-api.us-east-1.amazonaws.com", "path": format!("/local{path}"),
            "resourcePath": resource, "httpMethod": parts.method.as_str(), "requestId": request_id,
            "extendedRequestId": request_id, "requestTimeEpoch": u64::try_from(now_ms()).unwrap_or(u64::MAX),
            "domainPrefix": "local",
            "identity": {"sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent").and_then(|values| values.last())}
        },
        "body": if body.is_empty() { Value::Null } else { text.map_or_else(|| json!(STANDARD.encode(body)), |text| json!(text)) },
        "isBase64Encoded": !body.is_empty() && text.is_none(),
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = &after[2..];
            }
            None => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reply(answer: &Bytes) -> Option<Response> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let status = StatusCode::from_u16(u16::try_from(answer["statusCode"].as_u64()?).ok()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true { STANDARD.decode(body).ok()? } else { body.as_bytes().to_vec() };
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: &Value| -> Option<()> {
        // REST APIs rename this one.
        let name =
            if name.eq_ignore_ascii_case("www-authenticate") { "x-amzn-remapped-www-authenticate" } else { name };
        headers.append(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?);
        Some(())
    };
    let many = answer["multiValueHeaders"].as_object();
    for (name, values) in many.into_iter().flatten() {
        values.as_array().into_iter().flatten().try_for_each(|value| add(name, value))?;
    }
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        if many.is_none_or(|many| !many.contains_key(name)) {
            add(name, value)?;
        }
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Some(response)
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayProxyRequest;

    use super::*;

    fn event_of(request: axum::http::request::Builder, body: &'static [u8]) -> (Value, ApiGatewayProxyRequest) {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let parameters = BTreeMap::from([("id".to_owned(), "1".to_owned())]);
        let value = event(&parts, &Bytes::from_static(body), "/w/{id}", &parameters, "r1");
        (value.clone(), serde_json::from_value(value).unwrap())
    }

    #[test]
    fn events_are_of_the_official_type() {
        let request = Request::builder().method("PATCH").uri("/w/%31/?a=1&a=2&b=x%20y+z");
        let (value, event) = event_of(request.header("X-A", "1").header("x-a", "2"), b"{}");
        assert_eq!((event.resource.as_deref(), event.path.as_deref()), (Some("/w/{id}"), Some("/w/%31/")));
        assert_eq!(event.http_method.as_str(), "PATCH");
        assert_eq!(event.multi_value_headers.get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(value["headers"]["x-a"], "2");
        assert_eq!(value["queryStringParameters"], json!({"a": "2", "b": "x y z"}));
        assert_eq!(event.multi_value_query_string_parameters.all("a"), Some(vec!["1", "2"]));
        assert_eq!(event.path_parameters["id"], "1");
        assert_eq!((event.body.as_deref(), event.is_base64_encoded), (Some("{}"), false));
        let context = event.request_context;
        assert_eq!(context.path.as_deref(), Some("/local/w/%31/"));
        assert_eq!((context.resource_path.as_deref(), context.stage.as_deref()), (Some("/w/{id}"), Some("local")));
        assert_eq!(context.request_id.as_deref(), Some("r1"));
    }

    #[test]
    fn bytes_that_are_no_text_come_in_base64_and_absent_things_as_null() {
        let (value, event) = event_of(Request::builder().uri("/w/1"), b"\xff\x00");
        assert_eq!((event.body.as_deref(), event.is_base64_encoded), (Some("/wA="), true));
        assert_eq!(
            (&value["queryStringParameters"], &value["multiValueQueryStringParameters"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(event_of(Request::builder().uri("/w/1"), b"").0["body"], Value::Null);
    }

    #[tokio::test]
    async fn replies_keep_repeated_headers_and_bytes() {
        let answer = json!({"statusCode": 200, "headers": {"a": "1", "b": "2"}, "multiValueHeaders": {"a": ["x", "y"]},
            "body": "/wA=", "isBase64Encoded": true});
        let response = reply(&Bytes::from(answer.to_string())).unwrap();
        assert_eq!(response.headers().get_all("a").iter().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(response.headers()["b"], "2");
        assert_eq!(axum::body::to_bytes(response.into_body(), 9).await.unwrap().as_ref(), b"\xff\x00");
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        for answer in ["null", "{}", r#"{"statusCode": 7}"#, r#"{"statusCode": 200, "headers": {"a b": "c"}}"#] {
            assert!(reply(&Bytes::from_static(answer.as_bytes())).is_none(), "{answer}");
        }
    }
}
