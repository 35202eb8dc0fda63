//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend`: resumes delivery after the system stopped it.

use shared::{
    api::socotra::{Failure, caller, webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend";

async fn unsuspend(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let change = app.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, Failure>(())
    });
    change.await?.ok_or(Failure::NotFound)?;
    Ok(Reply::no_content())
}

shared::serve!(unsuspend);
