//! `GET /api/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/`: one delivery with its attempts.

use shared::{
    api::sdelements::{DeliveryDetailBody, Role, SdElementsFailure, event},
    app::App,
    http::{Reply, Request},
    store::queue_key,
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let (queue, event) = (queue_key(&webhook.organization, &webhook.key), event(request)?);
    let found = app.store.delivery(&queue, event).await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &DeliveryDetailBody::from(&found)))
}

shared::serve!(retrieve, shared::api::sdelements::rendered);
