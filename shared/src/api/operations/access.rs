//! Decides who may use this API. The token is checked first, then the permission.

use super::{OperationsFailure, webhook};
use crate::{
    api::{
        Access,
        common::credentials::{self, Credentials},
    },
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
        match credentials::of(request) {
            Credentials::Key(key) => Ok(key),
            Credentials::None => Err(OperationsFailure::NotAuthenticated("No bearer token was given.")),
            Credentials::NoKey | Credentials::Spaces | Credentials::NotText => Err(Self::unknown()),
        }
    }

    fn unknown() -> OperationsFailure {
        OperationsFailure::NotAuthenticated("The bearer token is not valid.")
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
