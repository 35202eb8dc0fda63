//! `GET /api/v2/webhooks/`: a page of the organization's webhooks, by id.

use shared::{
    api::sdelements::{Page, PageQuery, Role, SdElementsFailure, WebhookBody},
    app::App,
    domain::Api,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let query = PageQuery::parse(request)?;
    let (store, organization) = (&app.store, &caller.organization.id);
    let window = match query.window() {
        Some(window) => window,
        None => query.last(store.list_webhooks(organization, Api::SdElements, 0, 0).await?.count),
    };
    let listing = store.list_webhooks(organization, Api::SdElements, window.skip, window.limit).await?;
    let results = listing.webhooks.iter().map(WebhookBody::from).collect();
    Ok(Reply::json(200, &Page::new(request, window, listing.count, results)?))
}

shared::serve!(list, shared::api::sdelements::rendered);
