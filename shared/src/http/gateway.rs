//! From API Gateway's event to a [`Request`].

use lambda_http::{Body, RequestExt as _, request::RequestContext};

use super::{OwnHosts, Request};

/// Reads the event once. The URL is built from the gateway's request context, or from `public_url` where that is set.
pub(super) fn read(event: lambda_http::Request, public_url: Option<&str>) -> Request {
    let path = event.raw_http_path().to_owned();
    let url = url_of(event.request_context_ref(), &path, public_url);
    let id = id_of(event.request_context_ref()).unwrap_or_default();
    let own_hosts = own_hosts(event.request_context_ref(), public_url);
    let parameters = event.query_string_parameters();
    let query = parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (parts, body) = event.into_parts();
    let body = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    Request { id, method: parts.method, path, url, own_hosts, query, headers: parts.headers, body }
}

fn id_of(context: Option<&RequestContext>) -> Option<String> {
    match context {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    }
}

fn own_hosts(context: Option<&RequestContext>, public_url: Option<&str>) -> OwnHosts {
    let (domain, api_id) = match context {
        Some(RequestContext::ApiGatewayV1(context)) => (context.domain_name.as_deref(), context.apiid.as_deref()),
        Some(RequestContext::ApiGatewayV2(context)) => (context.domain_name.as_deref(), context.apiid.as_deref()),
        _ => (None, None),
    };
    let public = public_url.map(|url| url.split_once("://").map_or(url, |(_, rest)| rest));
    OwnHosts::new(domain.into_iter().chain(public), api_id)
}

fn url_of(context: Option<&RequestContext>, path: &str, public_url: Option<&str>) -> String {
    if let Some(public) = public_url {
        return format!("{}{path}", public.trim_end_matches('/'));
    }
    match context {
        // The context's path has the stage or the custom domain's base path, which the event's own path may lack.
        Some(RequestContext::ApiGatewayV1(context)) => format!(
            "https://{}{}",
            context.domain_name.as_deref().unwrap_or_default(),
            context.path.as_deref().unwrap_or(path)
        ),
        Some(RequestContext::ApiGatewayV2(context)) => {
            format!("https://{}{path}", context.domain_name.as_deref().unwrap_or_default())
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Secret;

    fn event(host: &str) -> lambda_http::Request {
        let event = serde_json::json!({
            "resource": "/api/v2/webhooks", "path": "/api/v2/webhooks/", "httpMethod": "GET",
            "headers": {"Host": host, "X-Forwarded-Host": host, "AUTHORIZATION": "Token x"},
            "multiValueHeaders": {"Host": [host], "X-Forwarded-Host": [host], "AUTHORIZATION": ["Token x"]},
            "multiValueQueryStringParameters": {"page": ["1", "2"]},
            "queryStringParameters": {"page": "2"},
            "requestContext": {
                "apiId": "abc",
                "domainName": "hooks.own.example", "path": "/prod/api/v2/webhooks/",
                "stage": "prod", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "httpMethod": "GET", "resourcePath": "/api/v2/webhooks", "requestTimeEpoch": 0,
                "identity": {}
            },
            "body": "eyJ9", "isBase64Encoded": true
        });
        lambda_http::request::from_str(&event.to_string()).unwrap()
    }

    #[test]
    fn links_come_from_the_context_and_not_from_headers() {
        let request = read(event("evil.example"), None);
        assert_eq!(request.url, "https://hooks.own.example/prod/api/v2/webhooks/");
        assert_eq!(request.path, "/api/v2/webhooks/");
        assert_eq!(request.id, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    }

    #[test]
    fn a_public_url_goes_before_the_context() {
        let request = read(event("x"), Some("https://hooks.acme.example/"));
        assert_eq!(request.url, "https://hooks.acme.example/api/v2/webhooks/");
    }

    #[test]
    fn the_own_hosts_are_the_contexts_and_the_public_one_but_never_a_headers() {
        let own =
            |public: Option<&str>, url: &str| read(event("evil.example"), public).own_hosts.include(&Secret::new(url));
        for url in ["https://hooks.own.example/x", "https://abc.execute-api.eu-west-1.amazonaws.com/prod/x"] {
            assert!(own(None, url) && own(Some("https://public.example/base"), url), "{url}");
        }
        assert!(own(Some("https://public.example/base"), "https://public.example:8443/x"));
        assert!(!own(None, "https://public.example/x") && !own(None, "https://evil.example/x"));
    }

    #[test]
    fn headers_of_any_case_repeats_and_base64_are_read() {
        let request = read(event("x"), None);
        assert_eq!(request.header("authorization"), Some("Token x"));
        assert_eq!(request.parameter("page"), Some("2"));
        assert_eq!(request.body, b"{\"}");
    }
}
