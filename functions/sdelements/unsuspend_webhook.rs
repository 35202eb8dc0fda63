//! `POST /api/v2/webhooks/{webhook_id}/unsuspend/`: resumes delivery after the system stopped it.

use shared::{
    api::sdelements::{SdElementsFailure, StateBody, super_user, webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/unsuspend";

async fn unsuspend_webhook(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = super_user(app, request).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let change = app.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, SdElementsFailure>(())
    });
    let webhook = change.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::json(200, &StateBody::from(&webhook)))
}

shared::serve!(unsuspend_webhook);
