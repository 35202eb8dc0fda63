//! `POST /operations/webhooks/{webhook_id}/rotate-secret`: replaces the signing secret; the old one goes on signing beside it
//! for some hours.

use shared::{
    api::operations::{OperationsFailure, Permitted, RotationBody, check_overlap, overlap, parse_body, webhook},
    app::App,
    delivery::standard_webhooks,
    domain::Timestamp,
    http::{Reply, Request},
};

async fn rotate(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let (key, overlap, now) = (webhook(request)?, overlap(&parse_body(request)?)?, app.store.clock().now());
    let signing_secret = standard_webhooks::generate(app.store.random());
    let mut alone = Timestamp::default();
    let changed = app.change_webhook(&caller.organization.id, &key, |webhook| {
        check_overlap(&webhook.endpoint, overlap, now)?;
        alone = webhook.endpoint.rotate(signing_secret.clone(), overlap, now)?;
        webhook.updated = now;
        Ok::<_, OperationsFailure>(())
    });
    changed.await?.ok_or(OperationsFailure::NotFound)?;
    Ok(Reply::json(200, &RotationBody { signing_secret, old_secret_valid_until: alone.into() }))
}

shared::serve!(rotate);
