//! `GET /api/webhooks/v4/webhooks/{webhook_id}`: one of the caller's webhooks.

use shared::{
    api::flip::{FlipFailure, Manager, WebhookBody, identified, shows_authentication},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let (_, webhook) = app.webhook(request, Manager).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, shows_authentication(request)?)))
}

shared::serve!(retrieve, identified);
