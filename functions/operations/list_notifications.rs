//! `GET /operations/notifications`: the organization's notification targets, oldest first.

use shared::{
    api::operations::{OperationsFailure, Permitted, TargetQuery},
    app::App,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    let query = TargetQuery::parse(&caller.organization.id, request)?;
    Ok(Reply::json(200, &app.target_page(&caller.organization.id, &query).await?))
}

shared::serve!(list);
