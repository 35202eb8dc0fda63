//! `POST /operations/notifications`: creates a notification target, to which operational events go.

use shared::{
    api::operations::{OperationsFailure, Permitted, TargetBody, parse_body},
    app::App,
    http::{Reply, Request},
};

async fn create(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let target = app.create_target(request, &caller, &parse_body(request)?).await?;
    Ok(Reply::json(201, &TargetBody::created(&target)))
}

shared::serve!(create);
