//! `PATCH /operations/notifications/{target_id}`: changes a notification target.

use shared::{
    api::operations::{OperationsFailure, Permitted, parse_body},
    app::App,
    http::{Reply, Request},
};

async fn update(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, target) = app.webhook(request, Permitted::Writer).await?;
    let target = app.change_target(request, &caller.organization, &target, &parse_body(request)?).await?;
    Ok(Reply::json(200, &app.target_body(&target).await?))
}

shared::serve!(update);
