//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}`: one webhook.

use shared::{
    api::socotra::{Failure, WebhookBody, caller, webhook},
    domain::Permission,
    http::{App, Reply, Request},
    store::GetWebhook,
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksRead]).await?;
    let key = webhook(request, PATH)?;
    let found = app.store.webhook(&caller.organization.id, &key).await?.ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &WebhookBody::from(&found)))
}

shared::serve!(retrieve);
