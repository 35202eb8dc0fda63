//! `POST /operations/webhooks/{webhook_id}/pause`: stops delivery; events are kept until it is unpaused.

use shared::{
    api::operations::{OperationsFailure, Permitted, webhook},
    app::App,
    http::{Reply, Request},
};

async fn pause(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let (key, now) = (webhook(request)?, app.store.clock().now());
    let changed = app.change_state(&caller.organization.id, &key, |webhook| {
        webhook.pause(now);
        Ok(())
    });
    Ok(Reply::json(200, &changed.await?))
}

shared::serve!(pause);
