//! `POST /api/v2/webhooks/`: creates a webhook.

use shared::{
    api::sdelements::{NewWebhook, Role, SdElementsFailure, WebhookBody, parse_body},
    app::App,
    domain::{Api, Webhook, WebhookKey},
    http::{Reply, Request},
    store::Creation,
};

async fn create(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let new = NewWebhook::parse(&parse_body(request)?, &caller.organization.slack_compatible_hosts)?;
    let organization = caller.organization.id.clone();
    let id = app.store.next_webhook_id(&organization, Api::SdElements).await?;
    let mut webhook =
        Webhook::new(organization, WebhookKey::sdelements(id), new.name, new.url, app.store.clock().now());
    webhook.description = new.description;
    webhook.active = new.active;
    match app.create_webhook(request, &caller, &webhook).await? {
        Creation::Created => Ok(Reply::json(201, &WebhookBody::from(&webhook))),
        Creation::LimitReached(limit) => Err(SdElementsFailure::too_many_webhooks(limit)),
        // Of this API's webhooks several may have one URL.
        Creation::DuplicateUrl => Err(SdElementsFailure::Internal),
    }
}

shared::serve!(create, shared::api::sdelements::rendered);
