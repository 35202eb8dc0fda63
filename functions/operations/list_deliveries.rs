//! `GET /operations/webhooks/{webhook_id}/deliveries`: its deliveries, newest first; `state`, `type`, `status`, `project`,
//! `after`, `before`.

use shared::{
    api::operations::{DeliveryQuery, OperationsFailure, Permitted},
    app::App,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::Reader).await?;
    let query = DeliveryQuery::parse(&caller.organization.id, request)?;
    Ok(Reply::json(200, &app.delivery_page(&caller.organization, &webhook, &query).await?))
}

shared::serve!(list);
