//! `GET /event/{tenantLocator}/webhooks/list`: the tenant's webhooks, oldest first, filtered.

use shared::{
    api::socotra::{ListQuery, SocotraFailure, caller},
    domain::{Api, Permission},
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/webhooks/list";

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::WebhooksRead, Permission::WebhooksList]).await?;
    let query = ListQuery::parse(request)?;
    let (skip, limit) = query.reads();
    let listing = app.store.list_webhooks(&caller.organization.id, Api::Socotra, skip, limit).await?;
    Ok(Reply::json(200, &query.list(&listing.webhooks, listing.count)))
}

shared::serve!(list);
