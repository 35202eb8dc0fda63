//! `POST /api/v2/webhooks/{webhook_id}/unpause/`: resumes delivery, oldest event first.

use shared::{
    api::sdelements::{Role, SdElementsFailure, StateBody, webhook},
    app::App,
    http::{Reply, Request},
};

async fn unpause_webhook(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let now = app.store.clock().now();
    let change =
        app.change_webhook(organization, &key, |webhook| webhook.unpause(now).map_err(SdElementsFailure::from));
    let webhook = change.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(unpause_webhook, shared::api::sdelements::rendered);
