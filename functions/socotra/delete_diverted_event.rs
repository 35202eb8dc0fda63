//! `DELETE /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: deletes a diverted event.

use shared::{
    api::socotra::{DivertedBody, Permitted, SocotraFailure, event},
    app::App,
    domain::Permission,
    http::{Reply, Request},
    store::queue_key,
};

async fn delete(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (caller, webhook) = app.webhook(request, Permitted(&[Permission::DivertedEventsDelete])).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    let deleted = app.store.delete_diverted(&queue, event).await?;
    if deleted { Ok(Reply::json(200, &DivertedBody::new(&diverted, &caller))) } else { Err(SocotraFailure::NotFound) }
}

shared::serve!(delete);
