//! `DELETE /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: deletes a webhook with what
//! is queued for it.

use shared::{
    api::akinon::{AkinonFailure, belongs_to, permitted, project, webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

async fn delete(app: &App, request: &Request) -> Result<Reply, AkinonFailure> {
    let caller = permitted(app, request, Permission::WebhooksWrite).await?;
    let (project, key) = (project(&caller, request, PATH)?, webhook(request, PATH)?);
    let mine = |webhook: &_| belongs_to(webhook, &project);
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, mine).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(AkinonFailure::NotFound) }
}

shared::serve!(delete);
