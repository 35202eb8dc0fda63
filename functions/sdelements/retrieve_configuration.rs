//! `GET /api/v2/webhooks/{webhook_id}/configs/{id}/`: one event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, Role, SdElementsFailure, integer},
    app::App,
    http::{Reply, Request},
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let (_, webhook) = app.webhook(request, Role::SuperUser).await?;
    let id = integer(request, "id")?;
    let configuration = ConfigurationBody::find(&webhook, id).ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &configuration))
}

shared::serve!(retrieve, shared::api::sdelements::rendered);
