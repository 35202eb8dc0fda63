//! Every error of this API, with DRF's messages and shapes (rest_framework/exceptions.py, views.py).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    api::common::StoreFailure,
    domain::{MAX_HOPS, TooSoon},
    http::Reply,
    store::StoreError,
};

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its value. Holds the message.
    Value(String),
    /// An item of its list. Holds the item's index and the message.
    Item(usize, String),
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(message: T) -> Self {
        Self::Value(message.into())
    }
}

/// Why a request is refused or fails.
#[derive(Clone, Debug, PartialEq)]
pub enum SdElementsFailure {
    /// 400: fields are invalid. Holds pairs of field and fault in the order of the fields. A field may have several
    /// faults, either of its value or of its items.
    Validation(Vec<(&'static str, Wrong)>),
    /// 400: the body is not valid JSON. Holds the message of Python's parser.
    Parse(String),
    /// 401: the request has no credentials.
    NotAuthenticated,
    /// 401: the token is not valid. Holds the message.
    InvalidToken(&'static str),
    /// 403: the caller does not have the required permission.
    PermissionDenied,
    /// 403: the organization does not have this feature flag.
    FlagOff(&'static str),
    /// 404: the path or the object does not exist.
    NotFound,
    /// 404: the page does not exist.
    InvalidPage,
    /// 404: the cursor is not valid.
    InvalidCursor,
    /// 405: the path does not accept the method. Holds the method and the allowed ones.
    MethodNotAllowed(String, Vec<&'static str>),
    /// 406: the Accept header does not include JSON.
    NotAcceptable,
    /// 409: the state of the object does not allow the request. Holds the message, which says what is needed.
    Conflict(&'static str),
    /// 413: the body is too large.
    TooLarge,
    /// 415: the body has another media type than JSON. Holds it.
    UnsupportedMediaType(String),
    /// 422: the Idempotency-Key was already used for another request.
    IdempotencyMismatch,
    /// 429: the caller has to wait. Holds the number of seconds.
    Throttled(u64),
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 508: the published event has come back through the service too often.
    Loop,
    /// 500: an internal error. The details are only in the log.
    Internal,
}

impl SdElementsFailure {
    /// A 400 with one message, for this field.
    #[must_use]
    pub fn field(name: &'static str, message: impl Into<String>) -> Self {
        Self::Validation(vec![(name, Wrong::Value(message.into()))])
    }

    /// The 400 for an organization that has as many webhooks as its limit allows. As in DRF, an error that concerns no
    /// single field is in `non_field_errors`.
    #[must_use]
    pub fn too_many_webhooks(limit: u32) -> Self {
        let message = format!("The organization has {limit} webhooks, the most it may have.");
        Self::field("non_field_errors", message)
    }
}

/// The body of every error but that of a body whose fields are wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Error"))]
pub(super) struct DetailBody<'a> {
    detail: &'a str,
}

impl From<TooSoon> for SdElementsFailure {
    fn from(refused: TooSoon) -> Self {
        Self::Throttled(refused.seconds)
    }
}

impl From<StoreError> for SdElementsFailure {
    fn from(error: StoreError) -> Self {
        match StoreFailure::from(error) {
            StoreFailure::Transient => Self::Unavailable,
            StoreFailure::Permanent => Self::Internal,
        }
    }
}

impl From<SdElementsFailure> for Reply {
    fn from(failure: SdElementsFailure) -> Self {
        let detail = |status, text: &str| Self::json(status, &DetailBody { detail: text });
        let unauthorized = |text| detail(401, text).with_header("WWW-Authenticate", "Token");
        match failure {
            SdElementsFailure::Validation(fields) => {
                let mut body = Map::new();
                for (field, wrong) in fields {
                    match wrong {
                        Wrong::Value(message) => add(&mut body, field.to_owned(), message),
                        Wrong::Item(at, message) => {
                            if let Value::Object(items) = body.entry(field).or_insert_with(|| json!({})) {
                                add(items, at.to_string(), message);
                            }
                        }
                    }
                }
                Self::json(400, &Value::Object(body))
            }
            SdElementsFailure::Parse(message) => detail(400, &format!("JSON parse error - {message}")),
            SdElementsFailure::NotAuthenticated => unauthorized("Authentication credentials were not provided."),
            SdElementsFailure::InvalidToken(text) => unauthorized(text),
            SdElementsFailure::PermissionDenied => detail(403, "You do not have permission to perform this action."),
            SdElementsFailure::FlagOff(flag) => {
                detail(403, &format!("This endpoint requires the following feature flag to be enabled: {flag}."))
            }
            SdElementsFailure::NotFound => detail(404, "Not found."),
            SdElementsFailure::InvalidPage => detail(404, "Invalid page."),
            SdElementsFailure::InvalidCursor => detail(404, "Invalid cursor"),
            SdElementsFailure::MethodNotAllowed(method, allowed) => {
                detail(405, &format!("Method \"{method}\" not allowed.")).with_header("Allow", allowed.join(", "))
            }
            SdElementsFailure::NotAcceptable => detail(406, "Could not satisfy the request Accept header."),
            SdElementsFailure::Conflict(text) => detail(409, text),
            SdElementsFailure::TooLarge => detail(413, "The request body is larger than 256 KB."),
            SdElementsFailure::UnsupportedMediaType(kind) => {
                detail(415, &format!("Unsupported media type \"{kind}\" in request."))
            }
            SdElementsFailure::IdempotencyMismatch => {
                detail(422, "This Idempotency-Key was used for another request in the last 24 hours.")
            }
            SdElementsFailure::Throttled(seconds) => {
                let unit = if seconds == 1 { "second" } else { "seconds" };
                detail(429, &format!("Request was throttled. Expected available in {seconds} {unit}."))
                    .with_header("Retry-After", seconds.to_string())
            }
            SdElementsFailure::Unavailable => {
                detail(503, "Service temporarily unavailable, try again later.").with_header("Retry-After", "1")
            }
            SdElementsFailure::Loop => detail(
                508,
                &format!("This event has come back through the service more than {MAX_HOPS} times: it is in a loop."),
            ),
            SdElementsFailure::Internal => detail(500, "Internal server error."),
        }
    }
}

/// Adds a message to the list of that name.
fn add(body: &mut Map<String, Value>, name: String, message: String) {
    if let Value::Array(messages) = body.entry(name).or_insert_with(|| json!([])) {
        messages.push(message.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_drfs_words() {
        let failures = [
            SdElementsFailure::Validation(vec![
                ("name", "This field is required.".into()),
                ("url", "Ensure this field has no more than 2048 characters.".into()),
                ("url", "Enter a valid URL.".into()),
                ("projects", Wrong::Item(0, "A valid integer is required.".to_owned())),
                ("projects", Wrong::Item(7, "This field may not be null.".to_owned())),
            ]),
            SdElementsFailure::too_many_webhooks(100),
            SdElementsFailure::Parse("Expecting value: line 1 column 1 (char 0)".to_owned()),
            SdElementsFailure::NotAuthenticated,
            SdElementsFailure::InvalidToken("Invalid token."),
            SdElementsFailure::PermissionDenied,
            SdElementsFailure::FlagOff("Webhooks"),
            SdElementsFailure::NotFound,
            SdElementsFailure::InvalidPage,
            SdElementsFailure::InvalidCursor,
            SdElementsFailure::MethodNotAllowed("PUT".to_owned(), vec!["GET", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
            SdElementsFailure::NotAcceptable,
            SdElementsFailure::Conflict("Only a diverted delivery can be deleted."),
            SdElementsFailure::TooLarge,
            SdElementsFailure::UnsupportedMediaType("text/plain".to_owned()),
            SdElementsFailure::IdempotencyMismatch,
            SdElementsFailure::Throttled(10),
            SdElementsFailure::Unavailable,
            SdElementsFailure::Loop,
            SdElementsFailure::Internal,
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
