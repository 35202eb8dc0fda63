//! `GET /api/webhooks/v4/webhooks`: the webhooks that the caller registered, oldest first.

use shared::{
    api::flip::{FlipFailure, Manager, WebhooksBody, identified, owned_by, shows_authentication},
    app::App,
    domain::Api,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let caller = app.caller(request, Manager).await?;
    let authentication = shows_authentication(request)?;
    let all = app.store.all_webhooks(&caller.organization.id, Api::Flip).await?;
    let mine = all.iter().filter(|webhook| owned_by(webhook, &caller));
    Ok(Reply::json(200, &WebhooksBody::new(mine, authentication)))
}

shared::serve!(list, identified);
