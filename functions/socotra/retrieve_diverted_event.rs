//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: one diverted event.

use shared::{
    api::socotra::{DivertedBody, SocotraFailure, callers_webhook, event},
    domain::Permission,
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (_, webhook) = callers_webhook(app, request, PATH, &[Permission::DivertedEventsRead]).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::json(200, &DivertedBody::from(&diverted)))
}

shared::serve!(retrieve);
