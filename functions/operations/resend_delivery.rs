//! `POST /operations/webhooks/{webhook_id}/deliveries/{event_id}/resend`: queues a finished delivery again.

use shared::{
    api::operations::{OperationsFailure, Permitted, event},
    app::App,
    delivery::Wake,
    http::{Reply, Request},
    store::{Resent, queue_key},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::Writer).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    if app.store.resend(&queue, event).await? != Resent::Pending {
        return Err(OperationsFailure::NotFound);
    }
    let delivery = app.delivery_body(&caller.organization, &queue, event).await?;
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(202, &delivery))
}

shared::serve!(resend);
