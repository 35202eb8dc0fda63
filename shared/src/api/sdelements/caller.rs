//! Who may use this API: DRF's order of checks before a handler runs: content negotiation, authentication, permission.

use std::sync::Arc;

use super::{Failure, negotiation};
use crate::{
    auth::Caller,
    domain::{Organization, Permission},
    http::{App, Request},
};

/// The caller, who is a super user of an organization with the feature flag `Webhooks`.
///
/// # Errors
///
/// 406, 401 or 403, in that order.
pub async fn super_user(app: &App, request: &Request) -> Result<Arc<Caller>, Failure> {
    let caller = caller(app, request).await?;
    if !caller.may(Permission::SuperUser) {
        return Err(Failure::PermissionDenied);
    }
    if !caller.organization.has_flag(Organization::WEBHOOKS_FLAG) {
        return Err(Failure::FlagOff(Organization::WEBHOOKS_FLAG));
    }
    Ok(caller)
}

/// The caller, whoever it is.
///
/// # Errors
///
/// 406 or 401, in that order.
pub async fn caller(app: &App, request: &Request) -> Result<Arc<Caller>, Failure> {
    negotiation::check(request)?;
    let key = key_of(request.header("authorization"))?;
    app.callers.find(&app.store, key).await?.ok_or(Failure::InvalidToken("Invalid token."))
}

/// The key in an Authorization header: `Token <key>`, quotes allowed as SD Elements' documents print them, or
/// `Bearer <key>`. (DRF authentication.TokenAuthentication.)
fn key_of(header: Option<&str>) -> Result<&str, Failure> {
    let mut words = header.unwrap_or_default().split_ascii_whitespace();
    let keyword = words.next().unwrap_or_default();
    if !keyword.eq_ignore_ascii_case("token") && !keyword.eq_ignore_ascii_case("bearer") {
        return Err(Failure::NotAuthenticated);
    }
    let key = words.next().ok_or(Failure::InvalidToken("Invalid token header. No credentials provided."))?;
    if words.next().is_some() {
        return Err(Failure::InvalidToken("Invalid token header. Token string should not contain spaces."));
    }
    Ok(key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_and_quotes_are_taken() {
        for header in ["Token abc", "token abc", "Token \"abc\"", "Bearer abc", "  Token   abc "] {
            assert_eq!(key_of(Some(header)), Ok("abc"), "{header}");
        }
    }

    #[test]
    fn other_headers_have_drfs_messages() {
        assert_eq!(key_of(None), Err(Failure::NotAuthenticated));
        assert_eq!(key_of(Some("Basic abc")), Err(Failure::NotAuthenticated));
        let none = Failure::InvalidToken("Invalid token header. No credentials provided.");
        assert_eq!(key_of(Some("Token")), Err(none));
        let spaces = Failure::InvalidToken("Invalid token header. Token string should not contain spaces.");
        assert_eq!(key_of(Some("Token a b")), Err(spaces));
    }
}
