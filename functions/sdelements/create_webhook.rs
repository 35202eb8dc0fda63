//! `POST /api/v2/webhooks/`: makes a webhook.

use shared::{
    api::sdelements::{Failure, NewWebhook, WebhookBody, parse_body, super_user},
    domain::{Api, Webhook, WebhookKey},
    http::{App, Reply, Request},
    store::CreateWebhook,
};

async fn create(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let new = NewWebhook::parse(&parse_body(request)?)?;
    let organization = caller.organization.id.clone();
    let id = app.store.next_webhook_id(&organization, Api::SdElements).await?;
    let mut webhook =
        Webhook::new(organization, WebhookKey::sdelements(id), new.name, new.url, app.store.clock().now());
    webhook.description = new.description;
    webhook.active = new.active;
    app.store.create_webhook(&webhook, None).await?;
    Ok(Reply::json(201, &WebhookBody::from(&webhook)))
}

shared::serve!(create);
