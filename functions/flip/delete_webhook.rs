//! `DELETE /api/webhooks/v4/webhooks/{webhook_id}`: deletes a webhook; queued events are lost.

use shared::{
    api::flip::{DeletedBody, FlipFailure, Manager, identified, owned_by, webhook},
    app::App,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let caller = app.caller(request, Manager).await?;
    let key = webhook(request)?;
    let mine = |webhook: &_| owned_by(webhook, &caller);
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, mine).await?;
    if deleted { Ok(Reply::json(200, &DeletedBody { id: &key.id })) } else { Err(FlipFailure::WebhookNotFound) }
}

shared::serve!(delete, identified);
