//! `GET /api/v2/webhooks/{webhook_id}/`: one webhook.

use shared::{
    api::sdelements::{Failure, WebhookBody, super_user, webhook},
    http::{App, Reply, Request},
    store::GetWebhook,
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let key = webhook(request, PATH)?;
    let found = app.store.webhook(&caller.organization.id, &key).await?.ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &WebhookBody::from(&found)))
}

shared::serve!(retrieve);
