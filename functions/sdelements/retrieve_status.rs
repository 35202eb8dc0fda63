//! `GET /api/v2/webhooks/{webhook_id}/status/`: whether events are being delivered, and how many wait.

use shared::{
    api::sdelements::{Failure, StatusBody, super_user, webhook},
    http::{App, Reply, Request},
    store::{DeliveryLog, GetWebhook, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/status";

async fn status(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let found = app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let name = queue_key(organization, &key);
    let queue = app.store.queue(&name).await?;
    let (queued, oldest) = app.store.count_pending(&name, queue.head).await?;
    Ok(Reply::json(200, &StatusBody::new(&found, &queue, queued, oldest.as_ref())))
}

shared::serve!(status);
