//! Issues tokens and revokes them.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    domain::{OrganizationId, Permission, Token},
    store::Store,
};

use crate::{
    failure::{BoxError, missing},
    screen::Screen,
};

pub(crate) async fn issue(
    store: &Store,
    screen: &mut Screen<'_>,
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
    let body = json!({"key": key.as_str(), "id": token.id, "user": token.user});
    screen.result(&body, format!("{key}\nThis key is shown once. The token's id is {}.\n", token.id))
}

pub(crate) async fn list(store: &Store, screen: &mut Screen<'_>, id: &OrganizationId) -> Result<(), BoxError> {
    let tokens = store.tokens(id).await?;
    let bodies: Vec<Value> = tokens.iter().map(body).collect();
    screen.result(&json!({"tokens": bodies}), tokens.iter().map(line).collect::<String>())
}

fn body(token: &Token) -> Value {
    json!({
        "id": token.id,
        "user": token.user,
        "expires": token.expires.map(|end| end.to_string()),
        "permissions": permissions(token),
    })
}

fn line(token: &Token) -> String {
    let expires = token.expires.map_or_else(|| "never".to_owned(), |end| end.to_string());
    format!("{} user={} expires={expires} {}\n", token.id, token.user, permissions(token).join(","))
}

fn permissions(token: &Token) -> Vec<&'static str> {
    token.permissions.iter().map(|permission| permission.as_str()).collect()
}

pub(crate) async fn revoke(
    store: &Store,
    screen: &mut Screen<'_>,
    id: &OrganizationId,
    token: &str,
) -> Result<(), BoxError> {
    if store.revoke_token(id, token).await? {
        screen.result(&json!({"revoked": token}), "")
    } else {
        Err(format!("organization {id} has no token {token}; `cargo admin list-tokens {id}` shows those it has").into())
    }
}
