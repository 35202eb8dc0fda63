//! `GET /operations/events/{event_id}`: one event, with what became of it at each webhook.

use shared::{
    api::operations::{OperationsFailure, Permitted, event, no_parameters},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    no_parameters(request)?;
    Ok(app.event_detail(&caller.organization, event(request)?).await?.into())
}

shared::serve!(retrieve);
