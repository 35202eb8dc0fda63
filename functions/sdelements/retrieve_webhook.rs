//! `GET /api/v2/webhooks/{webhook_id}/`: one webhook.

use shared::{
    api::sdelements::{Role, SdElementsFailure, WebhookBody},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    Ok(Reply::json(200, &WebhookBody::from(&webhook)))
}

shared::serve!(retrieve, shared::api::sdelements::rendered);
