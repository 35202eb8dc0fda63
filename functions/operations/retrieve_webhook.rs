//! `GET /operations/webhooks/{webhook_id}`: one webhook, with how many events wait for it.

use shared::{
    api::operations::{OperationsFailure, Permitted, no_parameters},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (_, webhook) = app.webhook(request, Permitted::Reader).await?;
    no_parameters(request)?;
    Ok(Reply::json(200, &app.webhook_detail(&webhook).await?))
}

shared::serve!(retrieve);
