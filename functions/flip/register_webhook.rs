//! `POST /api/webhooks/v4/webhooks`: registers a webhook; its signing secret is shown in the reply.

use shared::{
    api::{
        common::json_body,
        flip::{FlipFailure, Manager, NewWebhook, WebhookBody, identified, new_key},
    },
    app::App,
    http::{Reply, Request},
    store::Creation,
};

async fn register(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let caller = app.caller(request, Manager).await?;
    let new = NewWebhook::parse(&json_body::parse(request)?)?.elsewhere(&request.own_hosts)?;
    let store = &app.store;
    let webhook = new.webhook(&caller, new_key(store.random()), store.random(), store.clock().now());
    match app.create_webhook(request, &caller, &webhook).await? {
        Creation::Created => Ok(Reply::json(201, &WebhookBody::new(&webhook, true))),
        Creation::LimitReached(limit) => Err(FlipFailure::TooMany(limit)),
        Creation::DuplicateUrl => Err(FlipFailure::DuplicateUrl),
    }
}

shared::serve!(register, identified);
