//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: one webhook of the project.

use shared::{
    api::akinon::{AkinonFailure, Sight, WebhookBody, permitted_webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let (caller, webhook) = permitted_webhook(app, request, PATH, Permission::WebhooksRead).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, Sight::of(&caller, false))))
}

shared::serve!(retrieve);
