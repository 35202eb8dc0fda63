//! `DELETE /operations/webhooks/{webhook_id}/deliveries/{event_id}`: discards a diverted delivery for good.

use shared::{
    api::operations::{OperationsFailure, Permitted, event},
    app::App,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Writer).await?;
    app.delete_delivery(&webhook, event(request)?).await?;
    Ok(Reply::no_content())
}

shared::serve!(delete);
