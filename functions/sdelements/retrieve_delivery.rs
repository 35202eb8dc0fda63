//! `GET /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: one delivery with its attempts.

use shared::{
    api::sdelements::{DeliveryDetailBody, Failure, event, super_user, webhook},
    http::{App, Reply, Request},
    store::{DeliveryLog, GetWebhook, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key, event) = (&caller.organization.id, webhook(request, PATH)?, event(request, PATH)?);
    app.store.webhook(organization, &key).await?.ok_or(Failure::NotFound)?;
    let found = app.store.delivery(&queue_key(organization, &key), event).await?.ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &DeliveryDetailBody::from(&found)))
}

shared::serve!(retrieve);
