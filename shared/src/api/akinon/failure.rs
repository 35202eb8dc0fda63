//! Every error of this API. Akinon's documents print no error body, so this one follows what similar services reply:
//! `{"statusCode", "error", "message"}`. If fields of a body are invalid, `errors` has an entry for each.

use serde::Serialize;

use crate::{
    api::common::{StoreFailure, json_body::BadBody},
    domain::Permission,
    http::Reply,
    store::StoreError,
};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field.
    pub field: &'static str,
    /// What is wrong; never quotes a header's value or a URL.
    pub message: String,
}

/// Why a request is refused or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AkinonFailure {
    /// 401: the request has no valid key.
    Unauthenticated,
    /// 403: the caller lacks this permission.
    Forbidden(Permission),
    /// 404: the path, organization, project or webhook does not exist for this caller. The reply does not say which.
    NotFound,
    /// 405: the path does not accept the method. Holds the allowed methods.
    MethodNotAllowed(Vec<&'static str>),
    /// 400, 413 or 415: the body cannot be read. Holds the status and the reason.
    Body(u16, String),
    /// 400: fields are invalid. Holds one error for each, in the order of the documents.
    Validation(Vec<FieldError>),
    /// 400: the body is not a JSON object.
    NotAnObject,
    /// 409: the organization has as many webhooks as its limit allows. Holds the limit.
    TooMany(u32),
    /// 503: DynamoDB is busy; the caller may try again.
    Unavailable,
    /// 500: an internal error. The details are only in the log.
    Internal,
}

impl From<StoreError> for AkinonFailure {
    fn from(error: StoreError) -> Self {
        match StoreFailure::from(error) {
            StoreFailure::Transient => Self::Unavailable,
            StoreFailure::Permanent => Self::Internal,
        }
    }
}

impl From<BadBody> for AkinonFailure {
    fn from(bad: BadBody) -> Self {
        Self::Body(bad.status(), bad.to_string())
    }
}

/// The body of every error.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Error"))]
pub(super) struct ErrorBody {
    status_code: u16,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl From<AkinonFailure> for Reply {
    fn from(failure: AkinonFailure) -> Self {
        let reply = |status_code, error, message: &str, errors| {
            Self::json(status_code, &ErrorBody { status_code, error, message: message.to_owned(), errors })
        };
        let plain = |status, error, message: &str| reply(status, error, message, Vec::new());
        match failure {
            AkinonFailure::Unauthenticated => {
                plain(401, "Unauthorized", "a valid token is required").with_header("WWW-Authenticate", "Bearer")
            }
            AkinonFailure::Forbidden(permission) => {
                plain(403, "Forbidden", &format!("the permission {} is required", permission.as_str()))
            }
            AkinonFailure::NotFound => plain(404, "Not Found", "not found"),
            AkinonFailure::MethodNotAllowed(allowed) => {
                plain(405, "Method Not Allowed", "the path does not take this method")
                    .with_header("Allow", allowed.join(", "))
            }
            AkinonFailure::Body(413, why) => plain(413, "Content Too Large", &why),
            AkinonFailure::Body(415, why) => plain(415, "Unsupported Media Type", &why),
            AkinonFailure::Body(_, why) => plain(400, "Bad Request", &why),
            AkinonFailure::NotAnObject => plain(400, "Bad Request", "the request body is not a JSON object"),
            AkinonFailure::Validation(errors) => reply(400, "Bad Request", "validation failed", errors),
            AkinonFailure::TooMany(limit) => {
                let message = format!("the organization has {limit} webhooks, the most it may have");
                plain(409, "Conflict", &message)
            }
            AkinonFailure::Unavailable => {
                plain(503, "Service Unavailable", "try again later").with_header("Retry-After", "1")
            }
            AkinonFailure::Internal => plain(500, "Internal Server Error", "internal server error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_the_one_shape() {
        let message = "a URL is required".to_owned();
        let failures = [
            AkinonFailure::Unauthenticated,
            AkinonFailure::Forbidden(Permission::WebhooksWrite),
            AkinonFailure::NotFound,
            AkinonFailure::MethodNotAllowed(vec!["GET", "POST"]),
            BadBody::TooLarge.into(),
            BadBody::UnsupportedMediaType("text/plain".to_owned()).into(),
            AkinonFailure::Body(
                400,
                "the request body is not valid JSON: expected value at line 1 column 1".to_owned(),
            ),
            AkinonFailure::NotAnObject,
            AkinonFailure::Validation(vec![FieldError { field: "url", message }]),
            AkinonFailure::TooMany(100),
            AkinonFailure::Unavailable,
            AkinonFailure::Internal,
        ];
        let replies = failures.map(|failure| {
            let reply = Reply::from(failure);
            format!("{} {:?} {}", reply.status, reply.headers, reply.body.unwrap_or_default())
        });
        insta::assert_snapshot!(replies.join("\n"));
    }
}
