//! `GET /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: one delivery with its attempts.

use shared::{
    api::sdelements::{DeliveryDetailBody, SdElementsFailure, event, super_users_webhook},
    http::{App, Reply, Request},
    store::queue_key,
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request, PATH)?);
    let found = app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &DeliveryDetailBody::from(&found)))
}

shared::serve!(retrieve);
