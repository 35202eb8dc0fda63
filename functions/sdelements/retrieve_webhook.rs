//! `GET /api/v2/webhooks/{webhook_id}/`: one webhook.

use shared::{
    api::sdelements::{SdElementsFailure, WebhookBody, super_users_webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    Ok(Reply::json(200, &WebhookBody::from(&webhook)))
}

shared::serve!(retrieve);
