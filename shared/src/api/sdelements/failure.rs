//! Every error of this API, in DRF's words and shapes (rest_framework/exceptions.py, views.py).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    api::common::Trouble,
    domain::{MAX_HOPS, TooSoon},
    http::Reply,
    store::StoreError,
};

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// 400: messages by field, in the order of the fields.
    Validation(Vec<(&'static str, String)>),
    /// 400: the body is no JSON; what Python's parser would say of it.
    Parse(String),
    /// 401: no credentials.
    NotAuthenticated,
    /// 401: a bad token; what is wrong with it.
    InvalidToken(&'static str),
    /// 403: not a super user.
    PermissionDenied,
    /// 403: the organization does not have that feature flag.
    FlagOff(&'static str),
    /// 404.
    NotFound,
    /// 404: no such page.
    InvalidPage,
    /// 404: not a cursor of ours.
    InvalidCursor,
    /// 405, with the methods that are allowed.
    MethodNotAllowed(String, Vec<&'static str>),
    /// 406.
    NotAcceptable,
    /// 409: the thing is not in a state that allows it; what it would take.
    Conflict(&'static str),
    /// 413: the body is too large.
    TooLarge,
    /// 415: that media type.
    UnsupportedMediaType(String),
    /// 422: the Idempotency-Key was used for something else.
    IdempotencyMismatch,
    /// 429, with the seconds to wait.
    Throttled(u64),
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 508: what is published came back through the service too often.
    Loop,
    /// 500: something is broken, which the log tells and the caller need not know.
    Internal,
}

impl Failure {
    /// One field's failure.
    #[must_use]
    pub fn field(name: &'static str, message: impl Into<String>) -> Self {
        Self::Validation(vec![(name, message.into())])
    }

    /// 400: the organization has that many webhooks, which is its limit. As DRF says what is wrong with no single field.
    #[must_use]
    pub fn too_many_webhooks(limit: u32) -> Self {
        let message = format!("The organization has {limit} webhooks, which is as many as it may have.");
        Self::field("non_field_errors", message)
    }
}

/// The body of every error but that of a body whose fields are wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Error"))]
pub(super) struct DetailBody<'a> {
    detail: &'a str,
}

impl From<TooSoon> for Failure {
    fn from(refused: TooSoon) -> Self {
        Self::Throttled(refused.seconds)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match Trouble::from(error) {
            Trouble::Passing => Self::Unavailable,
            Trouble::Lasting => Self::Internal,
        }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        let detail = |status, text: &str| Self::json(status, &DetailBody { detail: text });
        let unauthorized = |text| detail(401, text).with_header("WWW-Authenticate", "Token");
        match failure {
            Failure::Validation(fields) => {
                let mut body = Map::new();
                for (field, message) in fields {
                    body.insert(field.to_owned(), json!([message]));
                }
                Self::json(400, &Value::Object(body))
            }
            Failure::Parse(message) => detail(400, &format!("JSON parse error - {message}")),
            Failure::NotAuthenticated => unauthorized("Authentication credentials were not provided."),
            Failure::InvalidToken(text) => unauthorized(text),
            Failure::PermissionDenied => detail(403, "You do not have permission to perform this action."),
            Failure::FlagOff(flag) => {
                detail(403, &format!("This endpoint requires the following feature flag to be enabled: {flag}."))
            }
            Failure::NotFound => detail(404, "Not found."),
            Failure::InvalidPage => detail(404, "Invalid page."),
            Failure::InvalidCursor => detail(404, "Invalid cursor"),
            Failure::MethodNotAllowed(method, allowed) => {
                detail(405, &format!("Method \"{method}\" not allowed.")).with_header("Allow", allowed.join(", "))
            }
            Failure::NotAcceptable => detail(406, "Could not satisfy the request Accept header."),
            Failure::Conflict(text) => detail(409, text),
            Failure::TooLarge => detail(413, "The request body is larger than 256 KB."),
            Failure::UnsupportedMediaType(kind) => {
                detail(415, &format!("Unsupported media type \"{kind}\" in request."))
            }
            Failure::IdempotencyMismatch => {
                detail(422, "This Idempotency-Key was used for another request in the last 24 hours.")
            }
            Failure::Throttled(seconds) => {
                let unit = if seconds == 1 { "second" } else { "seconds" };
                detail(429, &format!("Request was throttled. Expected available in {seconds} {unit}."))
                    .with_header("Retry-After", seconds.to_string())
            }
            Failure::Unavailable => {
                detail(503, "Service temporarily unavailable, try again later.").with_header("Retry-After", "1")
            }
            Failure::Loop => detail(
                508,
                &format!(
                    "This event has come back through the service more than {MAX_HOPS} times: it goes round in a loop."
                ),
            ),
            Failure::Internal => detail(500, "Internal server error."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_drfs_words() {
        let failures = [
            Failure::Validation(vec![
                ("name", "This field is required.".to_owned()),
                ("url", "Enter a valid URL.".to_owned()),
            ]),
            Failure::too_many_webhooks(100),
            Failure::Parse("Expecting value: line 1 column 1 (char 0)".to_owned()),
            Failure::NotAuthenticated,
            Failure::InvalidToken("Invalid token."),
            Failure::PermissionDenied,
            Failure::FlagOff("Webhooks"),
            Failure::NotFound,
            Failure::InvalidPage,
            Failure::InvalidCursor,
            Failure::MethodNotAllowed("PUT".to_owned(), vec!["GET", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
            Failure::NotAcceptable,
            Failure::Conflict("Only a diverted delivery can be deleted."),
            Failure::TooLarge,
            Failure::UnsupportedMediaType("text/plain".to_owned()),
            Failure::IdempotencyMismatch,
            Failure::Throttled(10),
            Failure::Unavailable,
            Failure::Loop,
            Failure::Internal,
        ];
        let replies: Vec<_> = failures
            .map(|failure| {
                let reply = Reply::from(failure);
                format!("{} {:?} {}", reply.status, reply.headers, reply.body.unwrap_or_default())
            })
            .to_vec();
        insta::assert_snapshot!(replies.join("\n"));
    }
}
