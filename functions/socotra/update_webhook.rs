//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}`: changes what is given; removals come first, then additions.

use shared::{
    api::socotra::{Failure, WebhookBody, WebhookChanges, caller, parse_body, webhook},
    delivery::Wake,
    domain::Permission,
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed, queue_key},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}";

async fn update(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    // What does not exist cannot be changed wrongly, so a bad body counts only once the webhook is found.
    let changes = parse_body(request).and_then(|body| WebhookChanges::parse(&body));
    let now = app.store.clock().now();
    let change = app.store.change_webhook(organization, &key, |webhook| match &changes {
        Ok(changes) => changes.apply(webhook, now),
        Err(failure) => Err(failure.clone()),
    });
    match change.await? {
        Changed::Done { webhook, released } => {
            if released {
                app.waker.wake(&[queue_key(organization, &key)]).await;
            }
            Ok(Reply::json(200, &WebhookBody::from(&*webhook)))
        }
        Changed::Missing => Err(Failure::NotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(update);
