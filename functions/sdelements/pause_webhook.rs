//! `POST /api/v2/webhooks/{webhook_id}/pause/`: stops delivery; events are kept until it is unpaused.

use shared::{
    api::sdelements::{SdElementsFailure, StateBody, super_user, webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/pause";

async fn pause_webhook(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = super_user(app, request).await?;
    let (key, now) = (webhook(request, PATH)?, app.store.clock().now());
    let change = app.change_webhook(&caller.organization.id, &key, |webhook| {
        webhook.pause(now);
        Ok::<_, SdElementsFailure>(())
    });
    let webhook = change.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(pause_webhook);
