//! `POST /api/v2/webhooks/{webhook_id}/pause/`: stops delivery; events are kept until it is unpaused.

use shared::{
    api::sdelements::{Role, SdElementsFailure, StateBody, webhook},
    app::App,
    http::{Reply, Request},
};

async fn pause_webhook(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (key, now) = (webhook(request)?, app.store.clock().now());
    let change = app.change_webhook(&caller.organization.id, &key, |webhook| {
        webhook.pause(now);
        Ok::<_, SdElementsFailure>(())
    });
    let webhook = change.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(pause_webhook, shared::api::sdelements::rendered);
