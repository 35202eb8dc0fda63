//! Who may use this API. Flip's documents: "Requires authentication via bearer", "The current actor needs the legacy permission
//! WEBHOOK_MANAGEMENT".

use std::sync::Arc;

use super::{FlipFailure, owned_by, webhook};
use crate::{
    api::common::bearer,
    auth::{Caller, Prefetched},
    domain::{Permission, Webhook, WebhookKey},
    http::{App, Request},
};

/// The caller, who may manage webhooks.
///
/// # Errors
///
/// 401 or 403, in that order.
pub async fn manager(app: &App, request: &Request) -> Result<Arc<Caller>, FlipFailure> {
    Ok(manager_beside(app, request, None).await?.0)
}

/// The webhook in the path, registered by a caller as [`manager`] wants it.
///
/// # Errors
///
/// 401, 403 or 404, in that order.
pub async fn managers_webhook(app: &App, request: &Request, template: &str) -> Result<Webhook, FlipFailure> {
    let key = webhook(request, template);
    let (caller, beside) = manager_beside(app, request, key.as_ref().ok()).await?;
    let found = beside.webhook(&app.store, &caller, &key?).await?;
    found.filter(|webhook| owned_by(webhook, &caller)).ok_or(FlipFailure::WebhookNotFound)
}

async fn manager_beside(
    app: &App,
    request: &Request,
    webhook: Option<&WebhookKey>,
) -> Result<(Arc<Caller>, Prefetched), FlipFailure> {
    let key = bearer(request).ok_or(FlipFailure::Unauthenticated)?;
    let found = app.caller(request, key, webhook).await?.ok_or(FlipFailure::Unauthenticated)?;
    if found.0.may(Permission::WebhookManagement) { Ok(found) } else { Err(FlipFailure::Forbidden) }
}
