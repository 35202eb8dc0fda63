//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend`: resumes delivery after the system stopped it.

use shared::{
    api::socotra::{SocotraFailure, caller, webhook},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend";

async fn unsuspend(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksWrite]).await?;
    let (organization, key) = (&caller.organization.id, webhook(request, PATH)?);
    let change = app.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, SocotraFailure>(())
    });
    change.await?.ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::no_content())
}

shared::serve!(unsuspend);
