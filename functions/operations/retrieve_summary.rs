//! `GET /operations/summary`: how the organization's webhooks are doing: counts by state, what is in trouble, the last 24 hours.

use shared::{
    api::operations::{OperationsFailure, Permitted, no_parameters},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    no_parameters(request)?;
    Ok(Reply::json(200, &app.summary(&caller.organization.id).await?))
}

shared::serve!(retrieve);
