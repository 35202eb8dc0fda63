//! `DELETE /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: deletes a diverted event.

use shared::{
    api::socotra::{DivertedBody, SocotraFailure, callers_webhook, event},
    domain::Permission,
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}";

async fn delete(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (caller, webhook) = callers_webhook(app, request, PATH, &[Permission::DivertedEventsDelete]).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    let deleted = app.store.delete_diverted(&queue, event).await?;
    if deleted { Ok(Reply::json(200, &DivertedBody::new(&diverted, &caller))) } else { Err(SocotraFailure::NotFound) }
}

shared::serve!(delete);
