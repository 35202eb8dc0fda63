//! `DELETE /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: deletes a diverted delivery.

use shared::{
    api::sdelements::{Failure, event, super_user, webhook},
    http::{App, Reply, Request},
    store::{DeliveryLog, GetWebhook, Resend, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}";

async fn delete(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let queue = queue_key(organization, &key);
    if app.store.delete_diverted(&queue, event).await? {
        return Ok(Reply::no_content());
    }
    app.store.delivery(&queue, event).await?.ok_or(Failure::NotFound)?;
    Err(Failure::Conflict("Only a diverted delivery can be deleted."))
}

shared::serve!(delete);
