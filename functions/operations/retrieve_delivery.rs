//! `GET /operations/webhooks/{webhook_id}/deliveries/{event_id}`: one delivery, with its attempts, its event and what is sent.

use shared::{
    api::operations::{OperationsFailure, Permitted, event, no_parameters},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let (caller, webhook) = app.webhook(request, Permitted::Reader).await?;
    no_parameters(request)?;
    Ok(Reply::from(&app.delivery_detail(&caller.organization, &webhook, event(request)?).await?))
}

shared::serve!(retrieve);
