//! `DELETE /operations/webhooks/{webhook_id}/deliveries/{event_id}`: discards a diverted delivery for good.

use shared::{
    api::operations::{OperationsFailure, Permitted, event},
    app::App,
    http::{Reply, Request},
    store::queue_key,
};

async fn delete(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Writer).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    if app.store.delete_diverted(&queue, event).await? {
        return Ok(Reply::no_content());
    }
    match app.store.delivery_state(&queue, event).await? {
        Some(_) => Err(OperationsFailure::Conflict("Only a diverted delivery can be deleted.".to_owned())),
        None => Err(OperationsFailure::NotFound),
    }
}

shared::serve!(delete);
