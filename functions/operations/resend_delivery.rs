//! `POST /operations/webhooks/{webhook_id}/deliveries/{event_id}/resend`: queues a finished delivery again.

use shared::{
    api::operations::{OperationsFailure, Permitted, event},
    app::App,
    http::{Reply, Request},
};

async fn resend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::Writer).await?;
    Ok(Reply::json(202, &app.resend_one(&caller.organization, &webhook, event(request)?).await?))
}

shared::serve!(resend);
