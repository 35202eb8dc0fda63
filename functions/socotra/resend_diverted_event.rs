//! `POST /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend`: resends a diverted event.

use shared::{
    api::socotra::{DivertedBody, Permitted, SocotraFailure, event},
    app::App,
    delivery::Wake,
    domain::Permission,
    http::{Reply, Request},
    store::{Resent, queue_key},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let (caller, webhook) = app.webhook(request, Permitted(&[Permission::DivertedEventsResend])).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    let diverted = app.store.diverted(&queue, event).await?.ok_or(SocotraFailure::NotFound)?;
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(SocotraFailure::NotFound);
    }
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(200, &DivertedBody::new(&diverted, &caller)))
}

shared::serve!(resend);
