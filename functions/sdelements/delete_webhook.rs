//! `DELETE /api/v2/webhooks/{webhook_id}/`: deletes a webhook with its configurations and queued events.

use shared::{
    api::sdelements::{SdElementsFailure, super_user, webhook},
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}";

async fn delete(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = super_user(app, request).await?;
    let key = webhook(request, PATH)?;
    let deleted = app.store.delete_webhook(&caller.organization.id, &key, |_| true).await?;
    if deleted { Ok(Reply::no_content()) } else { Err(SdElementsFailure::NotFound) }
}

shared::serve!(delete);
