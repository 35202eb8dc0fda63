//! `POST /operations/webhooks/{webhook_id}/deliveries/{event_id}/resend`: queues a finished delivery again.

use shared::{
    api::operations::{OperationsFailure, Permitted, event},
    app::App,
    http::{Reply, Request},
    store::queue_key,
};

async fn resend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::Writer).await?;
    let event = event(request)?;
    app.resend_one(&webhook, event).await?;
    let queue = queue_key(&webhook.organization, &webhook.key);
    Ok(Reply::json(202, &app.delivery_body(&caller.organization, &queue, event).await?))
}

shared::serve!(resend);
