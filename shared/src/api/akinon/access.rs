//! Decides who may use this API. The key is in `Authorization: Bearer` or, as in Akinon's OpenAPI document, in
//! `x-access-token` (docs/apis/akinon.md).

use super::{AkinonFailure, belongs_to, project, webhook};
use crate::{
    api::{Access, common::bearer},
    domain::{Caller, Permission, Webhook, WebhookKey},
    http::Request,
};

/// The permission that a route requires. Other requests are refused with 401 or 403, in that order. A caller sees only
/// webhooks that were created in the project in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permitted {
    /// Anyone with a valid token.
    Anyone,
    /// Callers with this permission.
    To(Permission),
}

impl Access for Permitted {
    type Failure = AkinonFailure;

    fn key(request: &Request) -> Result<&str, AkinonFailure> {
        key_of(request).ok_or(AkinonFailure::Unauthenticated)
    }

    fn unknown() -> AkinonFailure {
        AkinonFailure::Unauthenticated
    }

    fn check(&self, caller: &Caller, _: &Request) -> Result<(), AkinonFailure> {
        match *self {
            Self::To(permission) if !caller.may(permission) => Err(AkinonFailure::Forbidden(permission)),
            Self::To(_) | Self::Anyone => Ok(()),
        }
    }

    fn webhook(request: &Request) -> Result<WebhookKey, AkinonFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, caller: &Caller, request: &Request) -> Result<Webhook, AkinonFailure> {
        let project = project(caller, request)?;
        found.filter(|webhook| belongs_to(webhook, &project)).ok_or(AkinonFailure::NotFound)
    }
}

/// Returns the request's key. If there is an Authorization header, only that counts: the other header cannot make up
/// for an invalid one.
fn key_of(request: &Request) -> Option<&str> {
    if request.headers.contains_key("authorization") { bearer(request) } else { request.header("x-access-token") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_header_carries_the_key_and_authorization_goes_first() {
        let key = |headers: &[(&'static str, &str)]| {
            let mut request = Request::default();
            for (name, value) in headers {
                request.headers.insert(*name, value.parse().unwrap());
            }
            key_of(&request).map(str::to_owned)
        };
        assert_eq!(key(&[("authorization", "Bearer a")]).as_deref(), Some("a"));
        assert_eq!(key(&[("x-access-token", "b")]).as_deref(), Some("b"));
        assert_eq!(key(&[("authorization", "Bearer a"), ("x-access-token", "b")]).as_deref(), Some("a"));
        assert_eq!(key(&[("authorization", "Basic a"), ("x-access-token", "b")]), None);
        assert_eq!(key(&[]), None);
    }
}
