//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: one webhook of the project.

use shared::{
    api::akinon::{Failure, WebhookBody, belongs_to, permitted, project, webhook},
    domain::Permission,
    http::{App, Reply, Request},
    store::GetWebhook,
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = permitted(app, request, Permission::WebhooksRead).await?;
    let (project, key) = (project(&caller, request, PATH)?, webhook(request, PATH)?);
    let found = app.store.webhook(&caller.organization.id, &key).await?;
    let found = found.filter(|webhook| belongs_to(webhook, &project)).ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &WebhookBody::from(&found)))
}

shared::serve!(retrieve);
