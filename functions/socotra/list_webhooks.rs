//! `GET /event/{tenantLocator}/webhooks/list`: the tenant's webhooks, oldest first, filtered.

use shared::{
    api::socotra::{ListQuery, Permitted, SocotraFailure},
    app::App,
    domain::{Api, Permission},
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::WebhooksRead, Permission::WebhooksList])).await?;
    let query = ListQuery::parse(request)?;
    let (skip, limit) = query.reads();
    let listing = app.store.list_webhooks(&caller.organization.id, Api::Socotra, skip, limit).await?;
    Ok(Reply::json(200, &query.list(&listing.webhooks, listing.count)))
}

shared::serve!(list);
