//! `POST /api/v2/webhooks/{webhook_id}/pause/`: stops delivery; events are kept until it is unpaused.

use shared::{
    api::sdelements::{Failure, StateBody, super_user, webhook},
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/pause";

async fn pause_webhook(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (key, now) = (webhook(request, PATH)?, app.store.clock().now());
    let change = app.store.change_webhook(&caller.organization.id, &key, |webhook| {
        webhook.pause(now);
        Ok(())
    });
    match change.await? {
        Changed::Done { webhook, .. } => Ok(Reply::json(200, &StateBody::from(&*webhook))),
        Changed::Missing => Err(Failure::NotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(pause_webhook);
