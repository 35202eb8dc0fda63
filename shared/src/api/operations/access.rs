//! Decides who may use this API. The token is checked first, then the permission, then that a request that changes
//! something has no parameters in its query.

use super::{OperationsFailure, no_parameters, webhook};
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

    fn check(&self, caller: &Caller, request: &Request) -> Result<(), OperationsFailure> {
        let needed = match self {
            Self::Anyone => return Ok(()),
            Self::Reader => Permission::OperationsRead,
            Self::Writer => Permission::OperationsWrite,
        };
        if !caller.may(needed) {
            return Err(OperationsFailure::PermissionDenied(needed));
        }
        // A parameter that was ignored, such as `dry_run`, would do something else than was asked for.
        if *self == Self::Writer { no_parameters(request) } else { Ok(()) }
    }

    fn webhook(request: &Request) -> Result<WebhookKey, OperationsFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, _: &Caller, _: &Request) -> Result<Webhook, OperationsFailure> {
        found.ok_or(OperationsFailure::NotFound)
    }
}
