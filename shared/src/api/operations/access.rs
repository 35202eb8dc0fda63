//! Decides who may use this API. The token is checked first, then the permission.

use super::{OperationsFailure, webhook};
use crate::{
    api::{Access, common::credentials},
    domain::{Caller, Permission, Webhook, WebhookKey},
    http::Request,
};

/// The permission that a route requires. Other requests are refused with 401 or 403, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permitted {
    /// Anyone with a valid token.
    Anyone,
    /// Callers who may look: `operations:read`.
    Reader,
    /// Callers who may change something: `operations:write`.
    Writer,
}

impl Access for Permitted {
    type Failure = OperationsFailure;

    fn key(request: &Request) -> Result<&str, OperationsFailure> {
        credentials::key(request).map_err(OperationsFailure::NotAuthenticated)
    }

    fn unknown() -> OperationsFailure {
        OperationsFailure::NotAuthenticated(credentials::INVALID_TOKEN)
    }

    fn check(&self, caller: &Caller, _: &Request) -> Result<(), OperationsFailure> {
        let needed = match self {
            Self::Anyone => return Ok(()),
            Self::Reader => Permission::OperationsRead,
            Self::Writer => Permission::OperationsWrite,
        };
        if caller.may(needed) { Ok(()) } else { Err(OperationsFailure::PermissionDenied(needed)) }
    }

    fn webhook(request: &Request) -> Result<WebhookKey, OperationsFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, _: &Caller, _: &Request) -> Result<Webhook, OperationsFailure> {
        found.ok_or(OperationsFailure::NotFound)
    }
}
