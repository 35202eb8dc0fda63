//! `POST /api/webhooks/v4/webhooks/{webhook_id}/unpause`: resumes delivery that the owner paused or the system stopped.

use shared::{
    api::flip::{Failure, WebhookBody, identified, manager, owned_by, shows_authentication, webhook},
    delivery::Wake,
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed, queue_key},
};

const PATH: &str = "/api/webhooks/v4/webhooks/{webhook_id}/unpause";

async fn unpause(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = manager(app, request).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let (authentication, now) = (shows_authentication(request)?, app.store.clock().now());
    let change = app.store.change_webhook(organization, &key, |webhook| {
        if !owned_by(webhook, &caller) {
            return Err(Failure::WebhookNotFound);
        }
        webhook.unpause(now)?;
        // Flip has no other way to resume what the system stopped.
        webhook.unsuspend();
        Ok(())
    });
    match change.await? {
        Changed::Done { webhook, released } => {
            if released {
                app.waker.wake(&[queue_key(organization, &key)]).await;
            }
            Ok(Reply::json(200, &WebhookBody::new(&webhook, authentication)))
        }
        Changed::Missing => Err(Failure::WebhookNotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(unpause, identified);
