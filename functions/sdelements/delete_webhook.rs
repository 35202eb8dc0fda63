//! `DELETE /api/v2/webhooks/{webhook_id}/`: deletes a webhook with its configurations and queued events.

use shared::{
    api::sdelements::{Role, SdElementsFailure, webhook},
    app::App,
    http::{Reply, Request},
};

async fn delete(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let key = webhook(request)?;
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, |_| true).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(SdElementsFailure::NotFound) }
}

shared::serve!(delete, shared::api::sdelements::rendered);
