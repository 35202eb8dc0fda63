//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks`: the project's webhooks, oldest first.

use shared::{
    api::akinon::{AkinonFailure, Permitted, Sight, WebhookBody, belongs_to, project},
    app::App,
    domain::{Api, Permission},
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = app.caller(request, Permitted::To(Permission::WebhooksList)).await?;
    let project = project(&caller, request)?;
    let all = app.store.all_webhooks(&caller.organization.id, Api::Akinon).await?;
    let (webhooks, sight) = (all.iter().filter(|webhook| belongs_to(webhook, &project)), Sight::of(&caller, false));
    Ok(Reply::json(200, &webhooks.map(|webhook| WebhookBody::new(webhook, sight)).collect::<Vec<_>>()))
}

shared::serve!(list);
