//! `POST /api/webhooks/v4/webhooks/{webhook_id}/pause`: stops delivery; events are buffered until it is unpaused.

use shared::{
    api::flip::{FlipFailure, Manager, WebhookBody, identified, owned_by, webhook},
    app::App,
    http::{Reply, Request},
};

async fn pause(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let caller = app.caller(request, Manager).await?;
    let (key, now) = (webhook(request)?, app.store.clock().now());
    let change = app.change_webhook(&caller.organization.id, &key, |webhook| {
        if !owned_by(webhook, &caller) {
            return Err(FlipFailure::WebhookNotFound);
        }
        webhook.pause(now);
        Ok(())
    });
    let webhook = change.await?.ok_or(FlipFailure::WebhookNotFound)?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, false)))
}

shared::serve!(pause, identified);
