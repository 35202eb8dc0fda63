//! `POST /event/{tenantLocator}/webhooks`: creates a webhook.

use shared::{
    api::socotra::{
        Permitted, Sight, SocotraFailure, WebhookBody, elsewhere, new_webhook, new_webhook_key, parse_body,
    },
    app::App,
    domain::Permission,
    http::{Reply, Request},
    store::Creation,
};

async fn create(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::WebhooksWrite])).await?;
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
