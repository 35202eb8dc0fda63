//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: one webhook of the project.

use shared::{
    api::akinon::{Failure, WebhookBody, permitted_webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let webhook = permitted_webhook(app, request, PATH, Permission::WebhooksRead).await?;
    Ok(Reply::json(200, &WebhookBody::from(&webhook)))
}

shared::serve!(retrieve);
