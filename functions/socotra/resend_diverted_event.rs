//! `POST /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend`: resends a diverted event.

use shared::{
    api::socotra::{DivertedBody, SocotraFailure, callers_webhook, event},
    delivery::Wake,
    domain::Permission,
    http::{App, Reply, Request},
    store::{Resent, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend";

async fn resend(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (caller, webhook) = callers_webhook(app, request, PATH, &[Permission::DivertedEventsResend]).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(SocotraFailure::NotFound);
    }
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(200, &DivertedBody::new(&diverted, &caller)))
}

shared::serve!(resend);
