//! `GET /api/v2/webhooks/{webhook_id}/configs/{id}/`: one event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, SdElementsFailure, integer, super_users_webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/configs/{id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let id = integer(request, PATH, "id")?;
    let configuration = ConfigurationBody::find(&webhook, id).ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &configuration))
}

shared::serve!(retrieve);
