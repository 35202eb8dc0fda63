//! Every error of this API, as Flip's Problem object (docs/apis/flip.md). It has `status` and `title`, and where they
//! add something also `detail`, `error_code` and `field`.

use serde::Serialize;

use crate::{
    api::common::{StoreFailure, json_body::BadBody},
    domain::TooSoon,
    http::Reply,
    store::StoreError,
};

/// The error codes that the documents list. Errors that they do not list have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ErrorCode"))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// 400: the subscription is missing or wrong.
    InvalidSubscription,
    /// 400: the URL is missing, no URL, or one to which nothing is ever sent.
    InvalidUrl,
    /// 400: the URL is not https.
    InvalidUrlIsNotUsingHttps,
    /// 409: the organization has as many webhooks as it may.
    TooManyWebhooksRegistered,
    /// 409: another webhook of the organization has that URL.
    DuplicateUrl,
    /// 404: the webhook does not exist, or the caller is not allowed to see it.
    WebhookNotFound,
}

/// Why a request is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlipFailure {
    /// 401: the request has no valid key.
    Unauthenticated,
    /// 403: the caller lacks the permission to manage webhooks.
    Forbidden,
    /// 404: the webhook does not exist, or the caller may not see it.
    WebhookNotFound,
    /// 404: the path does not exist.
    NoSuchPath,
    /// 405: the path does not accept the method. Holds the allowed methods.
    MethodNotAllowed(Vec<&'static str>),
    /// 400, 413 or 415: the body cannot be read. Holds the status and the reason.
    Body(u16, String),
    /// 400: the body is not a JSON object.
    NotAnObject,
    /// 400: a field is invalid. Holds the documented code, the field and the reason.
    Field(Code, &'static str, String),
    /// 400: a query parameter is neither `true` nor `false`. Holds its name.
    Parameter(&'static str),
    /// 409: the organization has as many webhooks as its limit allows. Holds the limit.
    TooMany(u32),
    /// 409: another webhook of the organization has that URL.
    DuplicateUrl,
    /// 429: the webhook was unpaused a moment ago. Holds the seconds to wait.
    TooSoon(u64),
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 500: an internal error. The details are only in the log.
    Internal,
}

impl From<StoreError> for FlipFailure {
    fn from(error: StoreError) -> Self {
        match StoreFailure::from(error) {
            StoreFailure::Transient => Self::Unavailable,
            StoreFailure::Permanent => Self::Internal,
        }
    }
}

impl From<TooSoon> for FlipFailure {
    fn from(refused: TooSoon) -> Self {
        Self::TooSoon(refused.seconds)
    }
}

impl From<BadBody> for FlipFailure {
    fn from(bad: BadBody) -> Self {
        Self::Body(bad.status(), bad.to_string())
    }
}

/// Flip's error body.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub(super) struct Problem {
    status: u16,
    title: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "Code"))]
    error_code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    field: Option<&'static str>,
}

impl Problem {
    fn new(status: u16, title: &'static str) -> Self {
        Self { status, title, detail: None, error_code: None, field: None }
    }

    fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    fn code(self, code: Code) -> Self {
        Self { error_code: Some(code), ..self }
    }

    fn field(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    fn reply(self) -> Reply {
        Reply::json(self.status, &self)
    }
}

impl From<FlipFailure> for Reply {
    fn from(failure: FlipFailure) -> Self {
        let bad = || Problem::new(400, "Bad Request");
        match failure {
            FlipFailure::Unauthenticated => {
                Problem::new(401, "Unauthorized").reply().with_header("WWW-Authenticate", "Bearer")
            }
            FlipFailure::Forbidden => {
                Problem::new(403, "Forbidden").detail("The permission WEBHOOK_MANAGEMENT is required.").reply()
            }
            FlipFailure::WebhookNotFound => {
                Problem::new(404, "Not Found").detail("The webhook was not found.").code(Code::WebhookNotFound).reply()
            }
            FlipFailure::NoSuchPath => Problem::new(404, "Not Found").reply(),
            FlipFailure::MethodNotAllowed(allowed) => {
                Problem::new(405, "Method Not Allowed").reply().with_header("Allow", allowed.join(", "))
            }
            FlipFailure::Body(status, why) => {
                let problem = match status {
                    413 => Problem::new(413, "Content Too Large"),
                    415 => Problem::new(415, "Unsupported Media Type"),
                    _ => bad(),
                };
                problem.detail(sentence(&why)).reply()
            }
            FlipFailure::NotAnObject => bad().detail("The request body is not a JSON object.").reply(),
            FlipFailure::Field(code, field, detail) => bad().detail(sentence(&detail)).code(code).field(field).reply(),
            FlipFailure::Parameter(name) => bad().detail("Either true or false is expected.").field(name).reply(),
            FlipFailure::TooMany(limit) => Problem::new(409, "Conflict")
                .detail(format!("The organization has {limit} webhooks, the most it may have."))
                .code(Code::TooManyWebhooksRegistered)
                .reply(),
            FlipFailure::DuplicateUrl => Problem::new(409, "Conflict")
                .detail("Another webhook of the organization has this URL.")
                .code(Code::DuplicateUrl)
                .field("url")
                .reply(),
            FlipFailure::TooSoon(seconds) => Problem::new(429, "Too Many Requests")
                .detail(format!("The webhook was unpaused a moment ago. Try again in {seconds} s."))
                .reply()
                .with_header("Retry-After", seconds.to_string()),
            FlipFailure::Unavailable => {
                Problem::new(503, "Service Unavailable").reply().with_header("Retry-After", "1")
            }
            FlipFailure::Internal => Problem::new(500, "Internal Server Error").reply(),
        }
    }
}

/// Makes a sentence of the text: capitalizes its first letter and adds a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_a_problem() {
        let failures = [
            FlipFailure::Unauthenticated,
            FlipFailure::Forbidden,
            FlipFailure::WebhookNotFound,
            FlipFailure::NoSuchPath,
            FlipFailure::MethodNotAllowed(vec!["GET", "POST"]),
            BadBody::TooLarge.into(),
            BadBody::UnsupportedMediaType("text/plain".to_owned()).into(),
            FlipFailure::Body(400, "the request body is not valid JSON: expected value at line 1 column 1".to_owned()),
            FlipFailure::NotAnObject,
            FlipFailure::Field(Code::InvalidSubscription, "subscription", "it is missing".to_owned()),
            FlipFailure::Field(Code::InvalidUrl, "url", "it is missing".to_owned()),
            FlipFailure::Field(Code::InvalidUrlIsNotUsingHttps, "url", "only https is allowed".to_owned()),
            FlipFailure::Parameter("show_authentication"),
            FlipFailure::TooMany(100),
            FlipFailure::DuplicateUrl,
            FlipFailure::TooSoon(10),
            FlipFailure::Unavailable,
            FlipFailure::Internal,
        ];
        let replies = failures.map(|failure| {
            let reply = Reply::from(failure);
            format!("{} {:?} {}", reply.status, reply.headers, reply.body.unwrap_or_default())
        });
        insta::assert_snapshot!(replies.join("\n"));
    }
}
