//! Who may do what: the token, then the tenant in the path, then the permission.

use super::{SocotraFailure, webhook};
use crate::{
    api::{
        Access,
        common::credentials::{self, Credentials},
    },
    domain::{Caller, Permission, Webhook, WebhookKey},
    http::Request,
};

/// A caller whose tenant stands in the path and who has all of these permissions. Others are refused with 401; with 404 for
/// another tenant, which reads as one that does not exist; or with 403, in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted(pub &'static [Permission]);

impl Access for Permitted {
    type Failure = SocotraFailure;

    fn key(request: &Request) -> Result<&str, SocotraFailure> {
        match credentials::of(request) {
            Credentials::Key(key) => Ok(key),
            Credentials::None => Err(SocotraFailure::NotAuthenticated("No bearer token was given.")),
            Credentials::NoKey | Credentials::Spaces | Credentials::NotText => Err(Self::unknown()),
        }
    }

    fn unknown() -> SocotraFailure {
        SocotraFailure::NotAuthenticated("The bearer token is not valid.")
    }

    fn check(&self, caller: &Caller, request: &Request) -> Result<(), SocotraFailure> {
        // A uuid's letters may be written in either case.
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
