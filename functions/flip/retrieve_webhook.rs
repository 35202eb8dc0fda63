//! `GET /api/webhooks/v4/webhooks/{webhook_id}`: one of the caller's webhooks.

use shared::{
    api::flip::{FlipFailure, WebhookBody, identified, managers_webhook, shows_authentication},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/webhooks/v4/webhooks/{webhook_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let webhook = managers_webhook(app, request, PATH).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, shows_authentication(request)?)))
}

shared::serve!(retrieve, identified);
