//! `GET /api/v2/webhooks/{webhook_id}/status/`: whether events are being delivered, and how many wait.

use shared::{
    api::sdelements::{SdElementsFailure, StatusBody, super_users_webhook},
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/status";

async fn status(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let name = queue_key(&webhook.organization, &webhook.key);
    let queue = app.store.queue(&name).await?;
    let waiting = app.store.count_pending(&name, queue.head).await?;
    Ok(Reply::json(200, &StatusBody::new(&webhook, &queue, &waiting)))
}

shared::serve!(status);
