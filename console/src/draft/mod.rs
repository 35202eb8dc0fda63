//! A webhook that is being made on a page: the form's fields read by the rules of its API, one file each.

mod akinon;
mod flip;
mod sdelements;
mod socotra;

use http::Method;
use serde_json::Value;
use shared::{
    api::{Access, common::FieldError, operations::OperationsFailure},
    domain::{Api, Caller, EventSource, Permission, Webhook},
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

/// The APIs through which this visitor may make webhooks here. `deployed` is the template's list of deployed APIs; without
/// one, all are.
pub(crate) fn open_to(caller: &Caller, deployed: Option<&str>) -> Vec<Api> {
    let is_deployed = |api: &Api| deployed.is_none_or(|list| list.split(',').any(|name| name == api.as_str()));
    let permitted = |api: &Api| match api {
        Api::SdElements => sdelements::is_permitted(caller),
        Api::Flip => flip::is_permitted(caller),
        Api::Akinon => akinon::is_permitted(caller),
        Api::Socotra => socotra::is_permitted(caller),
        // These are the notification targets, which have a page of their own.
        Api::Operations => false,
    };
    let may_change = caller.may(Permission::OperationsWrite);
    Api::ALL.iter().copied().filter(is_deployed).filter(|api| may_change && permitted(api)).collect()
}

/// The event types that an API's form offers for ticking, before those that were seen lately.
pub(crate) fn known_types(api: Api) -> Vec<&'static str> {
    if api == Api::SdElements { EventSource::ALL.iter().map(|source| source.as_str()).collect() } else { Vec::new() }
}

/// Makes the webhook, without storing it. SD Elements' ids are numbers of a counter, which only `store` may use up; until
/// then the id is 0.
pub(crate) fn webhook(maker: &Maker<'_>, api: Api, fields: &Fields) -> Result<Webhook, Wrong> {
    match api {
        Api::SdElements => sdelements::webhook(maker, fields),
        Api::Flip => flip::webhook(maker, fields),
        Api::Akinon => akinon::webhook(maker, fields),
        Api::Socotra => socotra::webhook(maker, fields),
        Api::Operations => Err(Failure::NOT_FOUND.into()),
    }
}

/// The ticked and typed event types.
fn types(fields: &Fields) -> Vec<String> {
    let mut types: Vec<_> = fields.all("ticked").into_iter().map(str::to_owned).collect();
    types.extend(fields.words("types"));
    types.dedup();
    types
}

/// The request that the API would get, by which its own rules read the form.
fn as_sent(maker: &Maker<'_>, path: &str, body: &Value) -> Request {
    Request {
        method: Method::POST,
        path: Path::from(path),
        own_hosts: maker.request.own_hosts.clone(),
        body: body.to_string().into_bytes(),
        ..Request::default()
    }
}

/// Whether the API's own rule lets the caller make webhooks.
fn passes<A: Access>(caller: &Caller, access: &A, path: &str) -> bool {
    access.check(caller, &Request { path: Path::from(path), ..Request::default() }).is_ok()
}

/// An error of one field.
fn error(field: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), message: message.into() }
}

/// What the console says of an API's failure that is about no field: what the operations API would answer.
fn other(unavailable: bool) -> Wrong {
    if unavailable { OperationsFailure::Unavailable.into() } else { OperationsFailure::Internal.into() }
}
