//! `POST /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend`: sends again what was kept aside.

use shared::{
    api::socotra::{DivertedBody, Failure, caller, event, webhook},
    delivery::Wake,
    domain::Permission,
    http::{App, Reply, Request},
    store::{GetDiverted, GetWebhook, Resend, Resent, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend";

async fn resend(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::DivertedEventsResend]).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let queue = queue_key(organization, &key);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(Failure::NotFound)?;
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(Failure::NotFound);
    }
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(200, &DivertedBody::from(&diverted)))
}

shared::serve!(resend);
