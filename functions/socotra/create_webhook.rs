//! `POST /event/{tenantLocator}/webhooks`: creates a webhook.

use shared::{
    api::socotra::{Sight, SocotraFailure, WebhookBody, caller, elsewhere, new_webhook, new_webhook_key, parse_body},
    domain::Permission,
    http::{App, Reply, Request},
    store::Creation,
};

const PATH: &str = "/event/{tenantLocator}/webhooks";

async fn create(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, now) = (caller.organization.id.clone(), app.store.clock().now());
    let webhook = new_webhook(&parse_body(request)?, organization, new_webhook_key(&app.store), now)?;
    let webhook = elsewhere(webhook, &request.own_hosts)?;
    match app.create_webhook(request, &caller, &webhook).await? {
        Creation::Created => Ok(Reply::json(200, &WebhookBody::new(&webhook, Sight::of_new(&caller)))),
        Creation::LimitReached(limit) => Err(SocotraFailure::TooMany(limit)),
        // Of this API's webhooks several may have one URL.
        Creation::DuplicateUrl => Err(SocotraFailure::Internal),
    }
}

shared::serve!(create);
