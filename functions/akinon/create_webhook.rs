//! `POST /organizations/{organizationId}/projects/{projectId}/settings/webhooks`: creates a webhook in the project.

use shared::{
    api::{
        akinon::{AkinonFailure, CreatedBody, NewWebhook, Permitted, Sight, new_key, project},
        common::json_body,
    },
    app::App,
    domain::Permission,
    http::{Reply, Request},
    store::Creation,
};

async fn create(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = app.caller(request, Permitted::To(Permission::WebhooksWrite)).await?;
    let project = project(&caller, request)?;
    let new = NewWebhook::parse(&json_body::parse(request)?)?.elsewhere(&request.own_hosts)?;
    let (store, now) = (&app.store, app.store.clock().now());
    let webhook = new.webhook(&caller, project, new_key(now, store.random()), store.random(), now);
    match app.create_webhook(request, &caller, &webhook).await? {
        Creation::Created => Ok(Reply::json(201, &CreatedBody::new(&webhook, Sight::of(&caller, true)))),
        Creation::LimitReached(limit) => Err(AkinonFailure::TooMany(limit)),
        // Of this API's webhooks several may have one URL.
        Creation::DuplicateUrl => Err(AkinonFailure::Internal),
    }
}

shared::serve!(create);
