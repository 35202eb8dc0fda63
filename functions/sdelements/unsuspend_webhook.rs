//! `POST /api/v2/webhooks/{webhook_id}/unsuspend/`: resumes delivery after the system stopped it.

use shared::{
    api::sdelements::{Role, SdElementsFailure, StateBody, webhook},
    app::App,
    http::{Reply, Request},
};

async fn unsuspend_webhook(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let change = app.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, SdElementsFailure>(())
    });
    let webhook = change.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(unsuspend_webhook, shared::api::sdelements::rendered);
