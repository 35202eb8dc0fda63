//! `POST /operations/webhooks/{webhook_id}/resend`: resends the deliveries that finished in a state and a span of time, or only
//! counts them; drain paces them.

use shared::{
    api::operations::{OperationsFailure, Permitted, ResendBody, ResendRequest, parse_body},
    app::App,
    delivery::Wake,
    http::{Reply, Request},
    store::{Resent, queue_key},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Writer).await?;
    let wanted = ResendRequest::parse(&parse_body(request)?, app.store.clock().now())?;
    let queue = queue_key(&webhook.organization, &webhook.key);
    let (matching, more) = app.store.count_deliveries(&queue, &wanted.matching()).await?;
    if !wanted.dry_run {
        match app.store.request_resend(&queue, &wanted.cursor).await? {
            Resent::Pending => {}
            Resent::Busy => {
                let message = "Another resend of this webhook is not finished yet.";
                return Err(OperationsFailure::Conflict(message.to_owned()));
            }
            Resent::Missing | Resent::Deleted => return Err(OperationsFailure::NotFound),
        }
        app.waker.wake(&[queue]).await;
    }
    Ok(Reply::json(202, &ResendBody { matching, more }))
}

shared::serve!(resend);
