//! `GET /api/v2/webhooks/{webhook_id}/status/`: whether events are being delivered, and how many wait.

use shared::{
    api::sdelements::{Role, SdElementsFailure, StatusBody},
    app::App,
    http::{Reply, Request},
    store::queue_key,
};

async fn status(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let name = queue_key(&webhook.organization, &webhook.key);
    let queue = app.store.queue(&name).await?;
    let waiting = app.store.count_pending(&name, queue.head).await?;
    Ok(Reply::json(200, &StatusBody::new(&webhook, &queue, &waiting)))
}

shared::serve!(status, shared::api::sdelements::rendered);
