//! `POST /operations/webhooks/{webhook_id}/unsuspend`: resumes delivery after the system stopped it.

use shared::{
    api::operations::{OperationsFailure, Permitted, webhook},
    app::App,
    http::{Reply, Request},
};

async fn unsuspend(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let key = webhook(request)?;
    let changed = app.change_state(&caller.organization.id, &key, |webhook| {
        webhook.unsuspend();
        Ok(())
    });
    Ok(Reply::json(200, &changed.await?))
}

shared::serve!(unsuspend);
