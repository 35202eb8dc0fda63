//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: one webhook of the project.

use shared::{
    api::akinon::{AkinonFailure, Permitted, Sight, WebhookBody},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::To(Permission::WebhooksRead)).await?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, Sight::of(&caller, false))))
}

shared::serve!(retrieve);
