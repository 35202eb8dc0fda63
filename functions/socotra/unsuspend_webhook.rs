//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend`: resumes delivery after the system stopped it.

use shared::{
    api::socotra::{Failure, caller, webhook},
    delivery::Wake,
    domain::Permission,
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend";

async fn unsuspend(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let change = app.store.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, Failure>(())
    });
    match change.await? {
        Changed::Done { released, .. } => {
            if released {
                app.waker.wake(&[queue_key(organization, &key)]).await;
            }
            Ok(Reply::no_content())
        }
        Changed::Missing => Err(Failure::NotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(unsuspend);
