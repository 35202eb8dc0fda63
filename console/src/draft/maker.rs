//! What the rules of all APIs need to read the form of a new webhook.

use http::Method;
use serde_json::Value;
use shared::{
    api::{Access, common::FieldError, operations::OperationsFailure},
    domain::Caller,
    http::{Path, Request},
    store::Store,
};

use crate::{failure::Failure, form::Fields};

/// What an API's rules need besides the form.
pub(crate) struct Maker<'a> {
    pub(crate) store: &'a Store,
    pub(crate) request: &'a Request,
    pub(crate) caller: &'a Caller,
}

/// What is wrong with a form, or why no webhook can be made.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// Fields are wrong.
    Fields(Vec<FieldError>),
    /// Something else is.
    Failure(Failure),
}

impl<F: Into<Failure>> From<F> for Wrong {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

/// The ticked and typed event types.
pub(super) fn types(fields: &Fields) -> Vec<String> {
    let mut types: Vec<_> = fields.all("ticked").into_iter().map(str::to_owned).collect();
    types.extend(fields.words("types"));
    types.dedup();
    types
}

/// The request that the API would get, by which its own rules read the form.
pub(super) fn as_sent(maker: &Maker<'_>, path: &str, body: &Value) -> Request {
    Request {
        method: Method::POST,
        path: Path::from(path),
        own_hosts: maker.request.own_hosts.clone(),
        body: body.to_string().into_bytes(),
        ..Request::default()
    }
}

/// Whether the API's own rule lets the caller make webhooks.
pub(super) fn passes<A: Access>(caller: &Caller, access: &A, path: &str) -> bool {
    access.check(caller, &Request { path: Path::from(path), ..Request::default() }).is_ok()
}

/// An error of one field.
pub(super) fn error(field: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), message: message.into() }
}

/// What the console says of an API's failure that is about no field: what the operations API would answer.
pub(super) fn other(unavailable: bool) -> Wrong {
    if unavailable { OperationsFailure::Unavailable.into() } else { OperationsFailure::Internal.into() }
}
