//! `POST /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend/`: sends one delivery again.

use shared::{
    api::sdelements::{DeliveryBody, Failure, event, super_user, webhook},
    delivery::Wake,
    http::{App, Reply, Request},
    store::{DeliveryLog, GetWebhook, Resend, Resent, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend";

async fn resend(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let queue = queue_key(organization, &key);
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(Failure::NotFound);
    }
    let found = app.store.delivery(&queue, event).await?.ok_or(Failure::NotFound)?;
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(202, &DeliveryBody::from(&found)))
}

shared::serve!(resend);
