//! `POST /operations/webhooks/{webhook_id}/unpause`: resumes delivery after a pause; a suspension stays.

use shared::{
    api::operations::{OperationsFailure, Permitted, webhook},
    app::App,
    http::{Reply, Request},
};

async fn unpause(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let (key, now) = (webhook(request)?, app.store.clock().now());
    let changed = app.change_state(&caller.organization.id, &key, |webhook| webhook.unpause(now));
    Ok(Reply::json(200, &changed.await?))
}

shared::serve!(unpause);
