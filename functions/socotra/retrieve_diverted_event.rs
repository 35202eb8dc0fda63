//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: one diverted event.

use shared::{
    api::socotra::{DivertedBody, Permitted, SocotraFailure, event},
    app::App,
    domain::Permission,
    http::{Reply, Request},
    store::queue_key,
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (_, webhook) = app.webhook(request, Permitted(&[Permission::DivertedEventsRead])).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::json(200, &DivertedBody::from(&diverted)))
}

shared::serve!(retrieve);
