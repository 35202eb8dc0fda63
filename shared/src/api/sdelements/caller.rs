//! Who may use this API: DRF's order of checks before a handler runs: content negotiation, authentication, permission.

use std::sync::Arc;

use super::{SdElementsFailure, negotiation, webhook};
use crate::{
    api::common::credentials::{self, Credentials},
    auth::{Caller, Prefetched},
    domain::{Organization, Permission, Webhook, WebhookKey},
    http::{App, Request},
};

/// The caller, who is a super user of an organization with the feature flag `Webhooks`.
///
/// # Errors
///
/// 406, 401 or 403, in that order.
pub async fn super_user(app: &App, request: &Request) -> Result<Arc<Caller>, SdElementsFailure> {
    let caller = caller(app, request).await?;
    check(&caller)?;
    Ok(caller)
}

/// The caller, who may publish activities, of an organization with the feature flag `Webhooks`.
///
/// # Errors
///
/// 406, 401 or 403, in that order.
pub async fn publisher(app: &App, request: &Request) -> Result<Arc<Caller>, SdElementsFailure> {
    let caller = caller(app, request).await?;
    if !caller.may_publish() {
        return Err(SdElementsFailure::PermissionDenied);
    }
    check_flag(&caller)?;
    Ok(caller)
}

/// The webhook in the path, for a caller as [`super_user`] wants it.
///
/// # Errors
///
/// 406, 401, 403 or 404, in that order.
pub async fn super_users_webhook(app: &App, request: &Request, template: &str) -> Result<Webhook, SdElementsFailure> {
    let key = webhook(request, template);
    let (caller, beside) = caller_beside(app, request, key.as_ref().ok()).await?;
    check(&caller)?;
    beside.webhook(&app.store, &caller, &key?).await?.ok_or(SdElementsFailure::NotFound)
}

fn check(caller: &Caller) -> Result<(), SdElementsFailure> {
    if !caller.may(Permission::SuperUser) {
        return Err(SdElementsFailure::PermissionDenied);
    }
    check_flag(caller)
}

fn check_flag(caller: &Caller) -> Result<(), SdElementsFailure> {
    if !caller.organization.has_flag(Organization::WEBHOOKS_FLAG) {
        return Err(SdElementsFailure::FlagOff(Organization::WEBHOOKS_FLAG));
    }
    Ok(())
}

/// The caller, whoever it is.
///
/// # Errors
///
/// 406 or 401, in that order.
pub async fn caller(app: &App, request: &Request) -> Result<Arc<Caller>, SdElementsFailure> {
    Ok(caller_beside(app, request, None).await?.0)
}

async fn caller_beside(
    app: &App,
    request: &Request,
    webhook: Option<&WebhookKey>,
) -> Result<(Arc<Caller>, Prefetched), SdElementsFailure> {
    negotiation::check(request)?;
    let key = key_of(credentials::of(request))?;
    app.caller(request, key, webhook).await?.ok_or(SdElementsFailure::InvalidToken("Invalid token."))
}

/// The key, or what DRF says of other credentials (authentication.TokenAuthentication).
fn key_of(credentials: Credentials<'_>) -> Result<&str, SdElementsFailure> {
    match credentials {
        Credentials::None => Err(SdElementsFailure::NotAuthenticated),
        Credentials::NoKey => Err(SdElementsFailure::InvalidToken("Invalid token header. No credentials provided.")),
        Credentials::Spaces => {
            Err(SdElementsFailure::InvalidToken("Invalid token header. Token string should not contain spaces."))
        }
        Credentials::Key(key) => Ok(key),
    }
}
