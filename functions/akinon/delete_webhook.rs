//! `DELETE /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: deletes a webhook with what
//! is queued for it.

use shared::{
    api::akinon::{AkinonFailure, Permitted, belongs_to, project, webhook},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = app.caller(request, Permitted::To(Permission::WebhooksWrite)).await?;
    let (project, key) = (project(&caller, request)?, webhook(request)?);
    let mine = |webhook: &_| belongs_to(webhook, &project);
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, mine).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(AkinonFailure::NotFound) }
}

shared::serve!(delete);
