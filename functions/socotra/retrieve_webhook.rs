//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}`: one webhook.

use shared::{
    api::socotra::{Permitted, Sight, SocotraFailure, WebhookBody},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (_, webhook) = app.webhook(request, Permitted(&[Permission::WebhooksRead])).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, Sight::READING)))
}

shared::serve!(retrieve);
