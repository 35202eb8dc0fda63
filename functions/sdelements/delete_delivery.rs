//! `DELETE /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: deletes a diverted delivery.

use shared::{
    api::sdelements::{SdElementsFailure, event, super_users_webhook},
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}";

async fn delete(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    if app.store.delete_diverted(&queue, event).await? {
        return Ok(Reply::no_content());
    }
    app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    Err(SdElementsFailure::Conflict("Only a diverted delivery can be deleted."))
}

shared::serve!(delete);
