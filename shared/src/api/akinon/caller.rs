//! Who may use this API: `Authorization: Bearer` or, as its OpenAPI document has it, `x-access-token` (docs/apis/akinon.md).

use std::sync::Arc;

use super::{AkinonFailure, belongs_to, project, webhook};
use crate::{
    api::common::bearer,
    auth::{Caller, Prefetched},
    domain::{Permission, Webhook, WebhookKey},
    http::{App, Request},
};

/// The caller, whoever it is.
///
/// # Errors
///
/// 401.
pub(super) async fn authenticated(app: &App, request: &Request) -> Result<Arc<Caller>, AkinonFailure> {
    Ok(authenticated_beside(app, request, None).await?.0)
}

async fn authenticated_beside(
    app: &App,
    request: &Request,
    webhook: Option<&WebhookKey>,
) -> Result<(Arc<Caller>, Prefetched), AkinonFailure> {
    let key = key_of(request).ok_or(AkinonFailure::Unauthenticated)?;
    app.caller(request, key, webhook).await?.ok_or(AkinonFailure::Unauthenticated)
}

/// The caller, who has that permission.
///
/// # Errors
///
/// 401 or 403, in that order.
pub async fn permitted(app: &App, request: &Request, permission: Permission) -> Result<Arc<Caller>, AkinonFailure> {
    let caller = authenticated(app, request).await?;
    check(&caller, permission)?;
    Ok(caller)
}

/// The caller, who has that permission, and the webhook in the path, made in the project in the path.
///
/// # Errors
///
/// 401; 403; 404.
pub async fn permitted_webhook(
    app: &App,
    request: &Request,
    template: &str,
    permission: Permission,
) -> Result<(Arc<Caller>, Webhook), AkinonFailure> {
    let key = webhook(request, template);
    let (caller, beside) = authenticated_beside(app, request, key.as_ref().ok()).await?;
    check(&caller, permission)?;
    let project = project(&caller, request, template)?;
    let found = beside.webhook(&app.store, &caller, &key?).await?;
    let found = found.filter(|webhook| belongs_to(webhook, &project)).ok_or(AkinonFailure::NotFound)?;
    Ok((caller, found))
}

fn check(caller: &Caller, permission: Permission) -> Result<(), AkinonFailure> {
    if caller.may(permission) { Ok(()) } else { Err(AkinonFailure::Forbidden(permission)) }
}

/// The Authorization header counts where there is one: a wrong one is not made good by the other header.
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
