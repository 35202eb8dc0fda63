//! `POST /event/{tenantLocator}/webhooks`: makes a webhook.

use shared::{
    api::socotra::{Failure, WebhookBody, caller, elsewhere, new_webhook, new_webhook_key, parse_body},
    domain::Permission,
    http::{App, Reply, Request},
    store::CreateWebhook,
};

const PATH: &str = "/event/{tenantLocator}/webhooks";

async fn create(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, now) = (caller.organization.id.clone(), app.store.clock().now());
    let webhook = new_webhook(&parse_body(request)?, organization, new_webhook_key(&app.store), now)?;
    let webhook = elsewhere(webhook, &request.own_hosts)?;
    app.store.create_webhook(&webhook, None).await?;
    Ok(Reply::json(200, &WebhookBody::from(&webhook)))
}

shared::serve!(create);
