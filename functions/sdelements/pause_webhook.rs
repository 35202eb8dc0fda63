//! `POST /api/v2/webhooks/{webhook_id}/pause/`: stops delivery; events are kept until it is unpaused.

use shared::{
    api::sdelements::{Failure, StateBody, super_user, webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/pause";

async fn pause_webhook(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (key, now) = (webhook(request, PATH)?, app.store.clock().now());
    let change = app.change_webhook(&caller.organization.id, &key, |webhook| {
        webhook.pause(now);
        Ok::<_, Failure>(())
    });
    let webhook = change.await?.ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(pause_webhook);
