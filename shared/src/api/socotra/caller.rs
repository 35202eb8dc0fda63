//! Who may do what: the token, then the tenant in the path, then the permission.

use std::sync::Arc;

use super::{SocotraFailure, webhook};
use crate::{
    api::common::credentials::{self, Credentials},
    auth::{Caller, Prefetched},
    domain::{Permission, Webhook, WebhookKey},
    http::{App, Request},
};

/// The caller, whose tenant stands in the path and who has all of these permissions.
///
/// # Errors
///
/// 401; 404 for another tenant, which reads as one that does not exist; 403.
pub async fn caller(
    app: &App,
    request: &Request,
    template: &str,
    permissions: &[Permission],
) -> Result<Arc<Caller>, SocotraFailure> {
    Ok(caller_beside(app, request, template, permissions, None).await?.0)
}

/// A caller as [`caller`] wants it, and the webhook in the path.
///
/// # Errors
///
/// 401; 404 for another tenant; 403; 404 for a webhook that does not exist.
pub async fn callers_webhook(
    app: &App,
    request: &Request,
    template: &str,
    permissions: &[Permission],
) -> Result<(Arc<Caller>, Webhook), SocotraFailure> {
    let key = webhook(request, template);
    let (caller, beside) = caller_beside(app, request, template, permissions, key.as_ref().ok()).await?;
    let webhook = beside.webhook(&app.store, &caller, &key?).await?.ok_or(SocotraFailure::NotFound)?;
    Ok((caller, webhook))
}

async fn caller_beside(
    app: &App,
    request: &Request,
    template: &str,
    permissions: &[Permission],
    webhook: Option<&WebhookKey>,
) -> Result<(Arc<Caller>, Prefetched), SocotraFailure> {
    let key = match credentials::of(request) {
        Credentials::Key(key) => key,
        Credentials::None => return Err(SocotraFailure::NotAuthenticated("No bearer token was given.")),
        Credentials::NoKey | Credentials::Spaces => return Err(BAD_TOKEN),
    };
    let (caller, beside) = app.caller(request, key, webhook).await?.ok_or(BAD_TOKEN)?;
    // A uuid's letters may be written in either case.
    let tenant = request.segment(template, "tenantLocator");
    if !tenant.eq_ignore_ascii_case(&caller.organization.socotra_tenant) {
        return Err(SocotraFailure::NotFound);
    }
    match permissions.iter().find(|permission| !caller.may(**permission)) {
        Some(missing) => Err(SocotraFailure::PermissionDenied(*missing)),
        None => Ok((caller, beside)),
    }
}

const BAD_TOKEN: SocotraFailure = SocotraFailure::NotAuthenticated("The bearer token is not valid.");
