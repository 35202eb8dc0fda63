//! `PATCH /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: updates a webhook.

use shared::{
    api::{
        akinon::{AkinonFailure, Permitted, Sight, WebhookBody, WebhookChanges, belongs_to, project, webhook},
        common::json_body,
    },
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = app.caller(request, Permitted::To(Permission::WebhooksWrite)).await?;
    let (project, key) = (project(&caller, request)?, webhook(request)?);
    let changes = WebhookChanges::parse(&json_body::parse(request)?)?.elsewhere(&request.own_hosts)?;
    let organization = &caller.organization.id;
    let changed = if changes.only_describes() {
        let found = app.store.describe_webhook(organization, &key, Some(&project), changes.name.as_deref(), None);
        found.await?
    } else {
        let now = app.store.clock().now();
        let change = app.change_webhook(organization, &key, |webhook| {
            if !belongs_to(webhook, &project) {
                return Err(AkinonFailure::NotFound);
            }
            changes.apply(webhook, now);
            Ok(())
        });
        change.await?
    };
    let (changed, sight) = (changed.ok_or(AkinonFailure::NotFound)?, Sight::of(&caller, changes.url.is_some()));
    Ok(Reply::json(200, &WebhookBody::new(&changed, sight)))
}

shared::serve!(update);
