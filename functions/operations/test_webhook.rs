//! `POST /operations/webhooks/{webhook_id}/test`: sends a test event at once, and shows what was sent and what came of it.

use shared::{
    api::operations::{OperationsFailure, Permitted},
    app::App,
    http::{Reply, Request},
};

async fn test(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Writer).await?;
    Ok(Reply::json(200, &app.test_body(&webhook).await?))
}

shared::serve!(test);
