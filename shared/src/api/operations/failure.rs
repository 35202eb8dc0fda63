//! Every error of this API: a problem of RFC 9457.

use serde::Serialize;

use crate::{
    api::common::{
        FieldError, StoreFailure,
        json_body::{self, BadBody},
    },
    domain::{Permission, TooSoon},
    http::{Reply, Request},
    store::StoreError,
};

/// The media type of a problem (RFC 9457, section 3).
const PROBLEM: &str = "application/problem+json";

/// Why a request is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationsFailure {
    /// 400: the request is not valid. Holds one error for each invalid field or parameter.
    Invalid(Vec<FieldError>),
    /// 400: the body is not valid JSON. Holds the reason.
    Malformed(String),
    /// 401: the credentials are missing or not valid. Holds the message, which says which.
    NotAuthenticated(&'static str),
    /// 403: the token does not have this permission.
    PermissionDenied(Permission),
    /// 404: the path or the object does not exist, or belongs to another organization.
    NotFound,
    /// 405: the path does not accept the method. Holds the method and the allowed ones.
    MethodNotAllowed(String, Vec<&'static str>),
    /// 409: the object is not in a state in which that can be done. Holds the message.
    Conflict(String),
    /// 413: the body is too large.
    TooLarge,
    /// 415: the body's media type is not that of JSON.
    UnsupportedMediaType,
    /// 429: the same request may be tried again in this many seconds.
    TooSoon(u64),
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 500: an internal error. The details are only in the log.
    Internal,
}

impl OperationsFailure {
    /// A 400 with one error, for this field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// A 409: the organization has as many notification targets as its limit allows.
    #[must_use]
    pub fn too_many(limit: u32) -> Self {
        Self::Conflict(format!("The organization has {limit} notification targets, the most it may have."))
    }

    /// The status of the reply.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::Malformed(_) => 400,
            Self::NotAuthenticated(_) => 401,
            Self::PermissionDenied(_) => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed(..) => 405,
            Self::Conflict(_) => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooSoon(_) => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// The phrase of the status. RFC 9457, section 4.2.1, asks for it as the title of a problem without a type of its
    /// own.
    fn title(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::Malformed(_) => "Bad Request",
            Self::NotAuthenticated(_) => "Unauthorized",
            Self::PermissionDenied(_) => "Forbidden",
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed(..) => "Method Not Allowed",
            Self::Conflict(_) => "Conflict",
            Self::TooLarge => "Content Too Large",
            Self::UnsupportedMediaType => "Unsupported Media Type",
            Self::TooSoon(_) => "Too Many Requests",
            Self::Unavailable => "Service Unavailable",
            Self::Internal => "Internal Server Error",
        }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Invalid(_) => "The request is not valid.".to_owned(),
            Self::Malformed(why) => format!("The body is not valid JSON: {why}."),
            Self::NotAuthenticated(why) => (*why).to_owned(),
            Self::PermissionDenied(permission) => format!("This needs the permission {}.", permission.as_str()),
            Self::NotFound => "There is nothing at this path, or nothing with its id.".to_owned(),
            Self::MethodNotAllowed(method, _) => format!("The method {method} is not allowed here."),
            Self::Conflict(why) => why.clone(),
            Self::TooLarge => "The body is larger than 256 KB.".to_owned(),
            Self::UnsupportedMediaType => "The body's Content-Type must be application/json.".to_owned(),
            Self::TooSoon(seconds) => format!("Try again in {seconds} s."),
            Self::Unavailable => "The service is busy. Try again later.".to_owned(),
            Self::Internal => "Something went wrong.".to_owned(),
        }
    }
}

impl From<Vec<FieldError>> for OperationsFailure {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl From<TooSoon> for OperationsFailure {
    fn from(wait: TooSoon) -> Self {
        Self::TooSoon(wait.seconds)
    }
}

impl From<StoreError> for OperationsFailure {
    fn from(error: StoreError) -> Self {
        match StoreFailure::from(error) {
            StoreFailure::Transient => Self::Unavailable,
            StoreFailure::Permanent => Self::Internal,
        }
    }
}

impl From<BadBody> for OperationsFailure {
    fn from(bad: BadBody) -> Self {
        match bad {
            BadBody::TooLarge => Self::TooLarge,
            BadBody::UnsupportedMediaType(_) => Self::UnsupportedMediaType,
            BadBody::NotUtf8(_) => Self::Malformed("it is not valid UTF-8".to_owned()),
            BadBody::NotJson(error) => Self::Malformed(error.to_string()),
        }
    }
}

/// Parses the body as JSON. An empty body counts as an empty object.
///
/// # Errors
///
/// 413 if the body is larger than 256 KB, 415 if its media type is not JSON, 400 if it is not valid UTF-8 or not valid
/// JSON.
pub fn parse_body(request: &Request) -> Result<serde_json::Value, OperationsFailure> {
    Ok(json_body::parse(request)?)
}

/// `{"type", "title", "status", "detail"}`, and `errors` if fields or parameters are wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Problem"))]
pub(super) struct ProblemBody {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl From<OperationsFailure> for Reply {
    fn from(failure: OperationsFailure) -> Self {
        let (status, title, detail) = (failure.status(), failure.title(), failure.detail());
        let (errors, header) = match failure {
            OperationsFailure::Invalid(errors) => (errors, None),
            OperationsFailure::NotAuthenticated(_) => (Vec::new(), Some(("WWW-Authenticate", "Bearer".to_owned()))),
            OperationsFailure::MethodNotAllowed(_, allowed) => (Vec::new(), Some(("Allow", allowed.join(", ")))),
            OperationsFailure::TooSoon(seconds) => (Vec::new(), Some(("Retry-After", seconds.to_string()))),
            OperationsFailure::Unavailable => (Vec::new(), Some(("Retry-After", "1".to_owned()))),
            _ => (Vec::new(), None),
        };
        let reply = Self::json(status, &ProblemBody { r#type: "about:blank", title, status, detail, errors });
        let reply = reply.with_header("Content-Type", PROBLEM);
        match header {
            Some((name, value)) => reply.with_header(name, value),
            None => reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_a_problem() {
        let all = [
            OperationsFailure::field("limit", "must be a whole number from 1 to 100"),
            OperationsFailure::Malformed("expected value at line 1 column 1".to_owned()),
            OperationsFailure::NotAuthenticated("The bearer token is not valid."),
            OperationsFailure::PermissionDenied(Permission::OperationsRead),
            OperationsFailure::NotFound,
            OperationsFailure::MethodNotAllowed("PUT".to_owned(), vec!["GET", "OPTIONS"]),
            OperationsFailure::Conflict("Only a diverted delivery can be deleted.".to_owned()),
            OperationsFailure::TooLarge,
            OperationsFailure::UnsupportedMediaType,
            OperationsFailure::TooSoon(7),
            OperationsFailure::Unavailable,
            OperationsFailure::Internal,
        ];
        let shown = all.into_iter().map(Reply::from).map(|reply| {
            assert_eq!(reply.headers[0], ("Content-Type", PROBLEM.to_owned()));
            let headers: Vec<_> = reply.headers[1..].iter().map(|(name, value)| format!("{name}: {value} ")).collect();
            format!("{} {}{}", reply.status, headers.concat(), reply.body.unwrap())
        });
        insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
    }
}
