//! `POST /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend/`: resends one delivery.

use shared::{
    api::sdelements::{DeliveryBody, SdElementsFailure, event, super_users_webhook},
    delivery::Wake,
    http::{App, Reply, Request},
    store::{Resent, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend";

async fn resend(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(SdElementsFailure::NotFound);
    }
    let found = app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(202, &DeliveryBody::from(&found)))
}

shared::serve!(resend);
