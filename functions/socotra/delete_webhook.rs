//! `DELETE /event/{tenantLocator}/webhooks/{webhookLocator}`: deletes a webhook with its queued events.

use shared::{
    api::socotra::{Permitted, SocotraFailure, webhook},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::WebhooksWrite])).await?;
    let key = webhook(request)?;
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, |_| true).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(SocotraFailure::NotFound) }
}

shared::serve!(delete);
