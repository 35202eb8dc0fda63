//! `DELETE /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: deletes a diverted delivery.

use shared::{
    api::sdelements::{Role, SdElementsFailure, event},
    app::App,
    http::{Reply, Request},
    store::queue_key,
};

async fn delete(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    if app.store.delete_diverted(&queue, event).await? {
        return Ok(Reply::no_content());
    }
    app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    Err(SdElementsFailure::Conflict("Only a diverted delivery can be deleted."))
}

shared::serve!(delete, shared::api::sdelements::rendered);
