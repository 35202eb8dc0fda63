//! `GET /organizations/{organizationId}/projects/{projectId}/settings/webhooks`: the project's webhooks, oldest first.

use shared::{
    api::akinon::{AkinonFailure, Sight, WebhookBody, belongs_to, permitted, project},
    domain::{Api, Permission},
    http::{App, Reply, Request},
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks";

async fn list(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = permitted(app, request, Permission::WebhooksList).await?;
    let project = project(&caller, request, PATH)?;
    let all = app.store.all_webhooks(&caller.organization.id, Api::Akinon).await?;
    let (webhooks, sight) = (all.iter().filter(|webhook| belongs_to(webhook, &project)), Sight::of(&caller, false));
    Ok(Reply::json(200, &webhooks.map(|webhook| WebhookBody::new(webhook, sight)).collect::<Vec<_>>()))
}

shared::serve!(list);
