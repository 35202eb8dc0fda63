//! `DELETE /api/v2/webhooks/{webhook_id}/configs/{id}/`: deletes an event configuration.

use shared::{
    api::sdelements::{ConfigurationBody, Role, SdElementsFailure, integer, webhook},
    app::App,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let (key, id) = (webhook(request)?, integer(request, "id")?);
    let deleted = app.change_webhook(&caller.organization.id, &key, |webhook| {
        ConfigurationBody::find(webhook, id).ok_or(SdElementsFailure::NotFound)?;
        webhook.subscriptions.retain(|subscription| subscription.configuration.as_ref().is_none_or(|c| c.id != id));
        Ok::<_, SdElementsFailure>(())
    });
    deleted.await?.ok_or(SdElementsFailure::NotFound)?;
    Ok(Reply::no_content())
}

shared::serve!(delete, shared::api::sdelements::rendered);
