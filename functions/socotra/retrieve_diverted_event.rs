//! `GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: one event that is kept aside.

use shared::{
    api::socotra::{DivertedBody, Failure, caller, event, webhook},
    domain::Permission,
    http::{App, Reply, Request},
    store::{GetDiverted, GetWebhook, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::DivertedEventsRead]).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let diverted = app.store.diverted(&queue_key(organization, &key), event).await?.ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &DivertedBody::from(&diverted)))
}

shared::serve!(retrieve);
