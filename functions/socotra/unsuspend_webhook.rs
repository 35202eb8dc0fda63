//! `PATCH /event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend`: resumes delivery after the system stopped it.

use shared::{
    api::socotra::{Permitted, SocotraFailure, webhook},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn unsuspend(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::WebhooksWrite])).await?;
    let (organization, key) = (&caller.organization.id, webhook(request)?);
    let change = app.change_webhook(organization, &key, |webhook| {
        webhook.unsuspend();
        Ok::<_, SocotraFailure>(())
    });
    change.await?.ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::no_content())
}

shared::serve!(unsuspend);
