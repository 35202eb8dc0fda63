//! `PATCH /api/v2/webhooks/{webhook_id}/configs/{id}/`: updates an event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, ConfigurationChanges, Role, SdElementsFailure, integer, parse_body, webhook},
    app::App,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (key, id) = (webhook(request)?, integer(request, "id")?);
    // What does not exist cannot be changed wrongly, so a bad body counts only once the configuration is found.
    let changes = parse_body(request).and_then(|body| ConfigurationChanges::parse(&body));
    let now = app.store.clock().now();
    let changed = app.change_webhook(&caller.organization.id, &key, |webhook| {
        ConfigurationBody::find(webhook, id).ok_or(SdElementsFailure::NotFound)?;
        changes.clone()?.apply(webhook, id, now)
    });
    let webhook = changed.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &ConfigurationBody::find(&webhook, id)))
}

shared::serve!(update, shared::api::sdelements::rendered);
