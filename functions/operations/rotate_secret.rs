//! `POST /operations/webhooks/{webhook_id}/rotate-secret`: replaces the signing secret; the old one goes on signing beside it
//! for some hours.

use shared::{
    api::operations::{OperationsFailure, Permitted, overlap, parse_body, webhook},
    app::App,
    http::{Reply, Request},
};

async fn rotate(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Writer).await?;
    let (key, overlap) = (webhook(request)?, overlap(&parse_body(request)?)?);
    let rotation = app.rotate_secret(&caller.organization.id, &key, overlap).await?;
    Ok(Reply::json(200, &rotation.ok_or(OperationsFailure::NotFound)?))
}

shared::serve!(rotate);
