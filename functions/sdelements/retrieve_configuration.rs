//! `GET /api/v2/webhooks/{webhook_id}/configs/{id}/`: one event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, Failure, integer, super_users_webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/configs/{id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let webhook = super_users_webhook(app, request, PATH).await?;
    let id = integer(request, PATH, "id")?;
    let configuration = ConfigurationBody::find(&webhook, id).ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &configuration))
}

shared::serve!(retrieve);
