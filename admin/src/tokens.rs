//! Issues tokens and revokes them.

use std::{io::Write, time::Duration};

use shared::{
    domain::{OrganizationId, Permission, Token},
    store::Store,
};

use crate::failure::{BoxError, missing};

pub(crate) async fn issue(
    store: &Store,
    output: &mut dyn Write,
    id: &OrganizationId,
    user: &str,
    permissions: &[Permission],
    expires_in_days: Option<u64>,
) -> Result<(), BoxError> {
    store.organization(id).await?.ok_or_else(|| missing(id))?;
    let now = store.clock().now();
    let expires = expires_in_days.map(|days| now.plus(Duration::from_secs(days.saturating_mul(86_400))));
    let (key, token) = Token::issue(id, user, permissions, store.random(), now, expires);
    store.put_token(&token).await?;
    Ok(writeln!(output, "{key}\nThis key is shown once. The token's id is {}.", token.id)?)
}

pub(crate) async fn list(store: &Store, output: &mut dyn Write, id: &OrganizationId) -> Result<(), BoxError> {
    for token in store.tokens(id).await? {
        let permissions: Vec<_> = token.permissions.iter().map(|permission| permission.as_str()).collect();
        let expires = token.expires.map_or_else(|| "never".to_owned(), |end| end.to_string());
        writeln!(output, "{} user={} expires={expires} {}", token.id, token.user, permissions.join(","))?;
    }
    Ok(())
}

pub(crate) async fn revoke(store: &Store, id: &OrganizationId, token: &str) -> Result<(), BoxError> {
    if store.revoke_token(id, token).await? {
        Ok(())
    } else {
        Err(format!("organization {id} has no token {token}").into())
    }
}
