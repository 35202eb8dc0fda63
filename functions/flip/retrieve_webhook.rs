//! `GET /api/webhooks/v4/webhooks/{webhook_id}`: one webhook of the caller's.

use shared::{
    api::flip::{Failure, WebhookBody, identified, manager, owned_by, shows_authentication, webhook},
    http::{App, Reply, Request},
    store::GetWebhook,
};

const PATH: &str = "/api/webhooks/v4/webhooks/{webhook_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = manager(app, request).await?;
    let key = webhook(request, PATH)?;
    let authentication = shows_authentication(request)?;
    let found = app.store.webhook(&caller.organization.id, &key).await?;
    let found = found.filter(|webhook| owned_by(webhook, &caller)).ok_or(Failure::WebhookNotFound)?;
    Ok(Reply::json(200, &WebhookBody::new(&found, authentication)))
}

shared::serve!(retrieve, identified);
