//! `DELETE /event/{tenantLocator}/webhooks/{webhookLocator}`: deletes a webhook with its queued events.

use shared::{
    api::socotra::{SocotraFailure, caller, webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}";

async fn delete(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let key = webhook(request, PATH)?;
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, |_| true).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(SocotraFailure::NotFound) }
}

shared::serve!(delete);
