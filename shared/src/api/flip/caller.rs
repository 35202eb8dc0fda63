//! Who may use this API. Seed: "Requires authentication via bearer", "The current actor needs the legacy permission
//! WEBHOOK_MANAGEMENT".

use std::sync::Arc;

use super::Failure;
use crate::{
    api::common::bearer,
    auth::Caller,
    domain::Permission,
    http::{App, Request},
};

/// The caller, who may manage webhooks.
///
/// # Errors
///
/// 401 or 403, in that order.
pub async fn manager(app: &App, request: &Request) -> Result<Arc<Caller>, Failure> {
    let key = bearer(request).ok_or(Failure::Unauthenticated)?;
    let caller = app.callers.find(&app.store, key).await?.ok_or(Failure::Unauthenticated)?;
    if caller.may(Permission::WebhookManagement) { Ok(caller) } else { Err(Failure::Forbidden) }
}
