//! Converts API Gateway's event to a [`Request`], and a [`Reply`] to the gateway's format.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use lambda_http::{
    Body,
    aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse},
};
use serde::Serialize;

use super::{Audit, OwnHosts, Path, Reply, Request, event::Event};

/// The names of the path parameters that are a webhook's id.
const WEBHOOK_PARAMETERS: [&str; 4] = ["webhook_id", "webhookId", "webhookLocator", "target_id"];

/// Converts an event to a request. The request's URL is built from the gateway's request context, or from `public_url`
/// if that is set.
pub(crate) fn read(mut event: Event, public_url: Option<&str>) -> Request {
    let body = event.body();
    let path = Path::new(event.path(), event.base());
    let address = [&["requestContext", "identity", "sourceIp"], &["requestContext", "http", "sourceIp"]];
    let address = address.iter().find_map(|keys| event.text(&keys[..])?.parse::<IpAddr>().ok());
    let webhook = WEBHOOK_PARAMETERS.iter().map(|name| path.param(name)).find(|id| !id.is_empty());
    Request {
        id: event.text(&["requestContext", "requestId"]).unwrap_or_default().to_owned(),
        method: event.method(),
        url: url_of(&event, &path, public_url),
        own_hosts: own_hosts(&event, public_url),
        query: event.query(),
        headers: event.headers(),
        body,
        audit: Audit::new(event.text(&["resource"]), address, webhook),
        path,
    }
}

fn own_hosts(event: &Event, public_url: Option<&str>) -> OwnHosts {
    let [domain, api_id] = ["domainName", "apiId"].map(|name| event.text(&["requestContext", name]));
    let public = public_url.map(|url| url.split_once("://").map_or(url, |(_, rest)| rest));
    OwnHosts::new(domain.into_iter().chain(public), api_id)
}

fn url_of(event: &Event, path: &Path, public_url: Option<&str>) -> String {
    if let Some(public) = public_url {
        // It has the base path already.
        return format!("{}{}", public.trim_end_matches('/'), path.after_base());
    }
    let path = path.as_str();
    let Some(domain) = event.text(&["requestContext", "domainName"]) else { return path.to_owned() };
    // Unlike the event's own path, the context's path always has the stage or the custom domain's base path.
    format!("https://{domain}{}", event.text(&["requestContext", "path"]).unwrap_or(path))
}

/// A reply in the format of the gateway that sent the event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// The format of a REST API.
    Version1(ApiGatewayProxyResponse),
    /// The format of an HTTP API.
    Version2(ApiGatewayV2httpResponse),
}

impl Answer {
    /// Converts the reply to a request: to version 2 if the event was of that version. A reply to HEAD has no body.
    pub(crate) fn new(request: &Request, reply: Reply, version_2: bool) -> Self {
        let headers = headers(&reply);
        let status = i64::from(reply.status);
        let body = reply.body.filter(|_| request.method != http::Method::HEAD).map(Body::Text);
        if version_2 {
            let mut answer = ApiGatewayV2httpResponse::default();
            (answer.status_code, answer.headers, answer.body) = (status, headers, body);
            Self::Version2(answer)
        } else {
            let mut answer = ApiGatewayProxyResponse::default();
            // Headers go only into `multiValueHeaders`. The gateway would send those in `headers` a second time.
            (answer.status_code, answer.multi_value_headers, answer.body) = (status, headers, body);
            Self::Version1(answer)
        }
    }
}

/// The reply's headers. One that HTTP forbids is left out; this could only come from an odd request id of the gateway.
fn headers(reply: &Reply) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &reply.headers {
        let header = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = header {
            headers.append(name, value);
        }
    }
    if reply.body.is_some() && !headers.contains_key(CONTENT_TYPE) {
        headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::Secret;

    fn read_value(event: &Value, public_url: Option<&str>) -> Request {
        read(serde_json::from_str(&event.to_string()).unwrap(), public_url)
    }

    fn event(host: &str) -> Value {
        json!({
            "resource": "/api/v2/webhooks/{webhook_id}", "path": "/api/v2/webhooks/7/", "httpMethod": "PATCH",
            "headers": {"Host": host, "X-Forwarded-Host": host, "AUTHORIZATION": "Token x"},
            "multiValueHeaders": {"Host": [host], "X-Forwarded-Host": [host], "AUTHORIZATION": ["Token y", "Token x"]},
            "multiValueQueryStringParameters": {"page": ["1", "2"]},
            "queryStringParameters": {"page": "2"},
            "pathParameters": {"webhook_id": "7"},
            "requestContext": {
                "apiId": "abc", "domainName": "hooks.own.example", "path": "/prod/api/v2/webhooks/7/",
                "stage": "prod", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "httpMethod": "PATCH",
                "identity": {"sourceIp": "203.0.113.9"}
            },
            "body": "eyJ9", "isBase64Encoded": true
        })
    }

    #[test]
    fn links_come_from_the_context_and_not_from_headers() {
        let request = read_value(&event("evil.example"), None);
        assert_eq!(request.url, "https://hooks.own.example/prod/api/v2/webhooks/7/");
        assert_eq!((request.path.as_str(), request.method.as_str()), ("/api/v2/webhooks/7/", "PATCH"));
        assert_eq!(request.id, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    }

    #[test]
    fn a_public_url_goes_before_the_context() {
        let request = read_value(&event("x"), Some("https://hooks.acme.example/"));
        assert_eq!(request.url, "https://hooks.acme.example/api/v2/webhooks/7/");
        let mut event = event("x");
        event["path"] = json!("/outhook/api/v2/webhooks/7/");
        let request = read_value(&event, Some("https://hooks.acme.example/outhook"));
        assert_eq!(request.url, "https://hooks.acme.example/outhook/api/v2/webhooks/7/", "the base path is there once");
    }

    #[test]
    fn the_own_hosts_are_the_contexts_and_the_public_one_but_never_a_headers() {
        let own = |public: Option<&str>, url: &str| {
            read_value(&event("evil.example"), public).own_hosts.include(&Secret::new(url))
        };
        for url in ["https://hooks.own.example/x", "https://abc.execute-api.eu-west-1.amazonaws.com/prod/x"] {
            assert!(own(None, url) && own(Some("https://public.example/base"), url), "{url}");
        }
        assert!(own(Some("https://public.example/base"), "https://public.example:8443/x"));
        assert!(!own(None, "https://public.example/x") && !own(None, "https://evil.example/x"));
    }

    #[test]
    fn headers_of_any_case_repeats_and_base64_are_read() {
        let request = read_value(&event("x"), None);
        assert_eq!(request.header("authorization"), Some("Token x"), "the last");
        assert_eq!(request.headers.get_all("authorization").iter().collect::<Vec<_>>(), ["Token y", "Token x"]);
        assert_eq!(request.parameter("page"), Some("2"));
        assert_eq!(request.body, b"{\"}");
    }

    #[test]
    fn an_http_apis_event_is_read_and_answered_in_its_own_form() {
        let event = json!({
            "version": "2.0", "routeKey": "$default", "httpMethod": "GET", "resource": null, "rawPath": "/api/v2/webhooks/", "rawQueryString": "page=1&page=%C3%A9+2",
            "headers": {"authorization": "Token x"}, "body": "e30=", "isBase64Encoded": true,
            "requestContext": {"domainName": "abc.example", "requestId": "r", "stage": "$default",
                "http": {"method": "POST", "path": "/api/v2/webhooks/", "sourceIp": "2001:db8::1"}}
        });
        let request = read_value(&event, None);
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://abc.example/api/v2/webhooks/"));
        assert_eq!((request.parameter("page"), request.body.as_slice()), (Some("é 2"), b"{}".as_slice()));
        let event: Event = serde_json::from_str(&event.to_string()).unwrap();
        assert!(event.is_version_2());
        let reply = Reply::json(201, &1).with_header("Allow", "GET");
        let answer = serde_json::to_value(Answer::new(&request, reply, true)).unwrap();
        assert_eq!(answer["headers"], json!({"allow": "GET", "content-type": "application/json"}));
        assert_eq!((&answer["statusCode"], &answer["body"]), (&json!(201), &json!("1")));
    }

    #[test]
    fn a_rest_apis_answer_has_each_header_once_and_none_that_http_forbids() {
        let request = read_value(&event("x"), None);
        let reply = Reply::json(200, &1).with_header("Allow", "GET").with_header("flip-request-id", "a\nb");
        let answer = serde_json::to_value(Answer::new(&request, reply, false)).unwrap();
        assert_eq!(answer["multiValueHeaders"], json!({"allow": ["GET"], "content-type": ["application/json"]}));
        assert_eq!((&answer["headers"], &answer["statusCode"]), (&json!({}), &json!(200)));
    }
}
