//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}`: updates a webhook; removals are applied first, then additions.

use shared::{
    api::socotra::{Permitted, Sight, SocotraFailure, WebhookBody, WebhookChanges, parse_body, webhook},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::WebhooksWrite])).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    // What does not exist cannot be changed wrongly, so a bad body counts only once the webhook is found.
    let changes = parse_body(request).and_then(|body| WebhookChanges::parse(&body)?.elsewhere(&request.own_hosts));
    let now = app.store.clock().now();
    let change = app.change_webhook(organization, &key, |webhook| match &changes {
        Ok(changes) => changes.apply(webhook, now),
        Err(failure) => Err(failure.clone()),
    });
    let webhook = change.await?.ok_or(SocotraFailure::NotFound)?;
    let sight = Sight::of_change(&caller, changes?.given());
    Ok(Reply::json(200, &WebhookBody::new(&webhook, sight)))
}

shared::serve!(update);
