//! Decides who may call a route. The token is checked first, then the tenant in the path, then the permissions.

use super::{SocotraFailure, webhook};
use crate::{
    api::{Access, common::credentials},
    domain::{Caller, Permission, Webhook, WebhookKey},
    http::Request,
};

/// Allows callers whose tenant is the one in the path and who have all of these permissions. Other requests are refused
/// with 401; with 404 for another tenant, as if it did not exist; or with 403, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted(pub &'static [Permission]);

impl Access for Permitted {
    type Failure = SocotraFailure;

    fn key(request: &Request) -> Result<&str, SocotraFailure> {
        credentials::key(request).map_err(SocotraFailure::NotAuthenticated)
    }

    fn unknown() -> SocotraFailure {
        SocotraFailure::NotAuthenticated(credentials::INVALID_TOKEN)
    }

    fn check(&self, caller: &Caller, request: &Request) -> Result<(), SocotraFailure> {
        // The letters of a UUID may be in upper or lower case.
        let tenant = request.path_param("tenantLocator");
        if !tenant.eq_ignore_ascii_case(&caller.organization.socotra_tenant) {
            return Err(SocotraFailure::NotFound);
        }
        match self.0.iter().find(|permission| !caller.may(**permission)) {
            Some(missing) => Err(SocotraFailure::PermissionDenied(*missing)),
            None => Ok(()),
        }
    }

    fn webhook(request: &Request) -> Result<WebhookKey, SocotraFailure> {
        webhook(request)
    }

    fn visible(&self, found: Option<Webhook>, _: &Caller, _: &Request) -> Result<Webhook, SocotraFailure> {
        found.ok_or(SocotraFailure::NotFound)
    }
}
