//! `DELETE /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}`: deletes what was kept aside.

use shared::{
    api::socotra::{DivertedBody, Failure, caller, event, webhook},
    domain::Permission,
    http::{App, Reply, Request},
    store::{GetDiverted, GetWebhook, Resend, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}";

async fn delete(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::DivertedEventsDelete]).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let queue = queue_key(organization, &key);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(Failure::NotFound)?;
    let deleted = app.store.delete_diverted(&queue, event).await?;
    if deleted { Ok(Reply::json(200, &DivertedBody::from(&diverted))) } else { Err(Failure::NotFound) }
}

shared::serve!(delete);
