//! `GET /operations/notifications/{target_id}`: one notification target.

use shared::{
    api::operations::{OperationsFailure, Permitted, no_parameters},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, target) = app.webhook(request, Permitted::Reader).await?;
    no_parameters(request)?;
    Ok(Reply::json(200, &app.target_body(&target).await?))
}

shared::serve!(retrieve);
