//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}`: one webhook.

use shared::{
    api::socotra::{Sight, SocotraFailure, WebhookBody, callers_webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (_, webhook) = callers_webhook(app, request, PATH, &[Permission::WebhooksRead]).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, Sight::READING)))
}

shared::serve!(retrieve);
