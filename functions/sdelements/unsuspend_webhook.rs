//! `POST /api/v2/webhooks/{webhook_id}/unsuspend/`: resumes delivery after the system stopped it.

use shared::{
    api::sdelements::{Failure, StateBody, super_user, webhook},
    delivery::Wake,
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed, queue_key},
};

const PATH: &str = "/api/v2/webhooks/{webhook_id}/unsuspend";

async fn unsuspend_webhook(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let change = app.store.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, Failure>(())
    });
    match change.await? {
        Changed::Done { webhook, released } => {
            if released {
                app.waker.wake(&[queue_key(organization, &key)]).await;
            }
            Ok(Reply::json(200, &StateBody::from(&*webhook)))
        }
        Changed::Missing => Err(Failure::NotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(unsuspend_webhook);
