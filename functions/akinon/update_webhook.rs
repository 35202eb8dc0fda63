//! `PATCH /organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}`: changes what is given.

use shared::{
    api::{
        akinon::{Failure, WebhookBody, WebhookChanges, belongs_to, permitted, project, webhook},
        common::json_body,
    },
    delivery::Wake,
    domain::{OrganizationId, Permission, Webhook, WebhookKey},
    http::{App, Reply, Request},
    store::{ChangeWebhook, Changed, DescribeWebhook, queue_key},
};

const PATH: &str = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";

async fn update(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = permitted(app, request, Permission::WebhooksWrite).await?;
    let (project, key) = (project(&caller, request, PATH)?, webhook(request, PATH)?);
    let changes = WebhookChanges::parse(&json_body::parse(request)?)?;
    let organization = &caller.organization.id;
    let changed = if changes.only_describes() {
        let found = app.store.describe_webhook(organization, &key, Some(&project), changes.name.as_deref(), None);
        found.await?.ok_or(Failure::NotFound)?
    } else {
        change(app, organization, &project, &key, &changes).await?
    };
    Ok(Reply::json(200, &WebhookBody::from(&changed)))
}

async fn change(
    app: &App,
    organization: &OrganizationId,
    project: &str,
    key: &WebhookKey,
    changes: &WebhookChanges,
) -> Result<Webhook, Failure> {
    let now = app.store.clock().now();
    let apply = |webhook: &mut Webhook| {
        if !belongs_to(webhook, project) {
            return Err(Failure::NotFound);
        }
        changes.apply(webhook, now);
        Ok(())
    };
    match app.store.change_webhook(organization, key, apply).await? {
        Changed::Done { webhook, released } => {
            if released {
                app.waker.wake(&[queue_key(organization, key)]).await;
            }
            Ok(*webhook)
        }
        Changed::Missing => Err(Failure::NotFound),
        Changed::Refused(failure) => Err(failure),
    }
}

shared::serve!(update);
