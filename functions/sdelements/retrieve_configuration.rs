//! `GET /api/v2/webhooks/{webhook_id}/configs/{id}/`: one event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, Failure, integer, super_user, webhook},
    http::{App, Reply, Request},
    store::GetWebhook,
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/configs/{id}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (key, id) = (webhook(request, PATH)?, integer(request, PATH, "id")?);
    let found = app.store.webhook(&caller.organization.id, &key).await?.ok_or(Failure::NotFound)?;
    let configuration = ConfigurationBody::find(&found, id).ok_or(Failure::NotFound)?;
    Ok(Reply::json(200, &configuration))
}

shared::serve!(retrieve);
