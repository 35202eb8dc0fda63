//! `POST /api/v2/webhooks/{webhook_id}/resend/`: resends the deliveries that finished in a state and a span of time; drain paces them.

use shared::{
    api::sdelements::{ResendBody, Role, SdElementsFailure, parse_body, resend_request},
    app::App,
    delivery::Wake,
    http::{Reply, Request},
    store::{Resent, queue_key},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let cursor = resend_request(&parse_body(request)?, app.store.clock().now())?;
    let queue = queue_key(&webhook.organization, &webhook.key);
    match app.store.request_resend(&queue, &cursor).await? {
        Resent::Pending => {}
        Resent::Busy => return Err(SdElementsFailure::Conflict("Another resend of this webhook is not finished yet.")),
        Resent::Missing | Resent::Deleted => return Err(SdElementsFailure::NotFound),
    }
    app.waker.wake(&[queue]).await;
    Ok(Reply::json(202, &ResendBody::from(&cursor)))
}

shared::serve!(resend, shared::api::sdelements::rendered);
