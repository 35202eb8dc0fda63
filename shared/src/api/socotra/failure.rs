//! Every error of this API. Socotra's documents print no error body, so all errors share a shape of Outhook's own
//! (docs/apis/socotra.md).

use serde::Serialize;

use crate::{
    api::common::{FieldError, StoreFailure},
    domain::Permission,
    http::Reply,
    store::StoreError,
};

/// Why a request is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocotraFailure {
    /// 400: the request is not valid. Holds one error for each invalid field or parameter.
    Invalid(Vec<FieldError>),
    /// 400: the body is not valid JSON. Holds the reason.
    Malformed(String),
    /// 401: the credentials are missing or not valid. Holds the message, which says which.
    NotAuthenticated(&'static str),
    /// 403: the token does not have this permission.
    PermissionDenied(Permission),
    /// 404: the path or the object does not exist, or belongs to another tenant.
    NotFound,
    /// 405: the path does not accept the method. Holds the method and the allowed ones.
    MethodNotAllowed(String, Vec<&'static str>),
    /// 409: the tenant has as many webhooks as its limit allows. Holds the limit.
    TooMany(u32),
    /// 413: the body is too large.
    TooLarge,
    /// 415: the body's media type is not that of JSON.
    UnsupportedMediaType,
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 500: an internal error. The details are only in the log.
    Internal,
}

impl SocotraFailure {
    /// A 400 with one error, for this field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::Malformed(_) => 400,
            Self::NotAuthenticated(_) => 401,
            Self::PermissionDenied(_) => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed(..) => 405,
            Self::TooMany(_) => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "VALIDATION_FAILED",
            Self::Malformed(_) => "MALFORMED_BODY",
            Self::NotAuthenticated(_) => "NOT_AUTHENTICATED",
            Self::PermissionDenied(_) => "PERMISSION_DENIED",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed(..) => "METHOD_NOT_ALLOWED",
            Self::TooMany(_) => "TOO_MANY_WEBHOOKS",
            Self::TooLarge => "BODY_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Invalid(_) => "The request is not valid.".to_owned(),
            Self::Malformed(why) => format!("The body is not valid JSON: {why}."),
            Self::NotAuthenticated(why) => (*why).to_owned(),
            Self::PermissionDenied(permission) => {
                format!("This needs the permission {}.", permission.as_str())
            }
            Self::NotFound => "Not found.".to_owned(),
            Self::MethodNotAllowed(method, _) => format!("The method {method} is not allowed here."),
            Self::TooMany(limit) => format!("The tenant has {limit} webhooks, the most it may have."),
            Self::TooLarge => "The body is larger than 256 KB.".to_owned(),
            Self::UnsupportedMediaType => "The body's Content-Type must be application/json.".to_owned(),
            Self::Unavailable => "The service is busy; try again later.".to_owned(),
            Self::Internal => "Something went wrong.".to_owned(),
        }
    }
}

impl From<Vec<FieldError>> for SocotraFailure {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}

impl From<StoreError> for SocotraFailure {
    fn from(error: StoreError) -> Self {
        match StoreFailure::from(error) {
            StoreFailure::Transient => Self::Unavailable,
            StoreFailure::Permanent => Self::Internal,
        }
    }
}

/// `{"httpStatusCode", "errorCode", "message", "errors": [{"field", "message"}]}`; `errors` is empty unless fields are wrong.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ErrorResponse"))]
pub(super) struct ErrorBody {
    http_status_code: u16,
    error_code: &'static str,
    message: String,
    errors: Vec<FieldError>,
}

impl From<SocotraFailure> for Reply {
    fn from(failure: SocotraFailure) -> Self {
        let (status, error_code, message) = (failure.status(), failure.code(), failure.message());
        let (errors, header) = match failure {
            SocotraFailure::Invalid(errors) => (errors, None),
            SocotraFailure::NotAuthenticated(_) => (Vec::new(), Some(("WWW-Authenticate", "Bearer".to_owned()))),
            SocotraFailure::MethodNotAllowed(_, allowed) => (Vec::new(), Some(("Allow", allowed.join(", ")))),
            SocotraFailure::Unavailable => (Vec::new(), Some(("Retry-After", "1".to_owned()))),
            _ => (Vec::new(), None),
        };
        let reply = Self::json(status, &ErrorBody { http_status_code: status, error_code, message, errors });
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
    fn every_failure_has_one_shape() {
        let failures = [
            SocotraFailure::field("endpoint.url", "is required"),
            SocotraFailure::Malformed("expected value at line 1 column 1".to_owned()),
            SocotraFailure::NotAuthenticated("No credentials were given."),
            SocotraFailure::PermissionDenied(Permission::WebhooksWrite),
            SocotraFailure::NotFound,
            SocotraFailure::MethodNotAllowed("PUT".to_owned(), vec!["GET", "HEAD"]),
            SocotraFailure::TooMany(100),
            SocotraFailure::TooLarge,
            SocotraFailure::UnsupportedMediaType,
            SocotraFailure::Unavailable,
            SocotraFailure::Internal,
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
