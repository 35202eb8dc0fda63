//! `POST /api/webhooks/v4/webhooks/{webhook_id}/pause`: stops delivery; events are buffered until it is unpaused.

use shared::{
    api::flip::{Failure, WebhookBody, identified, manager, owned_by, webhook},
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed},
};

const PATH: &str = "/api/webhooks/v4/webhooks/{webhook_id}/pause";

async fn pause(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = manager(app, request).await?;
    let (key, now) = (webhook(request, PATH)?, app.store.clock().now());
    let change = app.store.change_webhook(&caller.organization.id, &key, |webhook| {
        if !owned_by(webhook, &caller) {
            return Err(Failure::WebhookNotFound);
        }
        webhook.pause(now);
        Ok(())
    });
    match change.await? {
        Changed::Done { webhook, .. } => Ok(Reply::json(200, &WebhookBody::new(&webhook, false))),
        Changed::Missing => Err(Failure::WebhookNotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(pause, identified);
