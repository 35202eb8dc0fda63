//! `GET /operations/webhooks`: the webhooks of all APIs with their states; `api`, `state`, `project`, `q`.

use shared::{
    api::operations::{OperationsFailure, Permitted, WebhookQuery},
    app::App,
    http::{Reply, Request},
};

/// The most reads of webhooks for one page.
const READS: usize = 10;

async fn list(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    let query = WebhookQuery::parse(&caller.organization.id, request)?;
    Ok(Reply::json(200, &app.webhook_page(&caller.organization.id, &query, READS).await?))
}

shared::serve!(list);
