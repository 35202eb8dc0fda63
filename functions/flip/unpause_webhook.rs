//! `POST /api/webhooks/v4/webhooks/{webhook_id}/unpause`: resumes delivery that the owner paused or the system stopped.

use shared::{
    api::flip::{FlipFailure, Manager, WebhookBody, identified, owned_by, shows_authentication, webhook},
    app::App,
    http::{Reply, Request},
};

async fn unpause(app: &App, request: &Request) -> Result<Reply, FlipFailure> {
    let caller = app.caller(request, Manager).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let (authentication, now) = (shows_authentication(request)?, app.store.clock().now());
    let change = app.change_webhook(organization, &key, |webhook| {
        if !owned_by(webhook, &caller) {
            return Err(FlipFailure::WebhookNotFound);
        }
        webhook.unpause(now)?;
        // Flip has no other way to resume what the system stopped.
        webhook.unsuspend();
        Ok(())
    });
    let webhook = change.await?.ok_or(FlipFailure::WebhookNotFound)?;
    Ok(Reply::json(200, &WebhookBody::new(&webhook, authentication)))
}

shared::serve!(unpause, identified);
