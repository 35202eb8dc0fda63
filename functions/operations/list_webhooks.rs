//! `GET /operations/webhooks`: the webhooks of all APIs with their states; `api`, `state`, `project`, `q`.

use shared::{
    api::operations::{OperationsFailure, Permitted, WebhookQuery},
    app::{App, WEBHOOK_READS},
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    let query = WebhookQuery::parse(&caller.organization.id, request)?;
    Ok(Reply::json(200, &app.webhook_page(&caller.organization.id, &query, WEBHOOK_READS).await?))
}

shared::serve!(list);
