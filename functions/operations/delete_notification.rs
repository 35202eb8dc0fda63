//! `DELETE /operations/notifications/{target_id}`: deletes a notification target.

use shared::{
    api::operations::{OperationsFailure, Permitted, webhook},
    app::App,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    if app.store.delete_webhook(&caller.organization.id, &webhook(request)?, |_| true).await? {
        Ok(Reply::no_content())
    } else {
        Err(OperationsFailure::NotFound)
    }
}

shared::serve!(delete);
