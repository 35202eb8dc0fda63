//! `PATCH /api/v2/webhooks/{webhook_id}/`: updates a webhook.

use shared::{
    api::sdelements::{Role, SdElementsFailure, WebhookBody, WebhookChanges, parse_body, webhook},
    app::App,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let hosts = &caller.organization.slack_compatible_hosts;
    let changes = match parse_body(request).and_then(|body| WebhookChanges::parse(&body, hosts)) {
        Ok(changes) => changes,
        // DRF looks the webhook up before it reads the body: what does not exist cannot be changed wrongly.
        Err(failure) => {
            app.store.webhook(organization, &key).await?.ok_or(SdElementsFailure::NotFound)?;
            return Err(failure);
        }
    };
    let changed = if changes.only_describes() {
        let (name, description) = (changes.name.as_deref(), changes.description.as_deref());
        app.store.describe_webhook(organization, &key, None, name, description).await?
    } else {
        let now = app.store.clock().now();
        let change = app.change_webhook(organization, &key, |webhook| {
            changes.apply(webhook, now);
            Ok::<_, SdElementsFailure>(())
        });
        change.await?
    };
    Ok(Reply::json(200, &WebhookBody::from(&changed.ok_or(SdElementsFailure::NotFound)?)))
}

shared::serve!(update, shared::api::sdelements::rendered);
