//! `POST /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/resend/`: resends one delivery.

use shared::{
    api::sdelements::{DeliveryBody, Role, SdElementsFailure, event},
    app::App,
    delivery::Wake,
    http::{Reply, Request},
    store::{Resent, queue_key},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(SdElementsFailure::NotFound);
    }
    let found = app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(202, &DeliveryBody::from(&found)))
}

shared::serve!(resend, shared::api::sdelements::rendered);
