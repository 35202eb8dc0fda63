//! `GET /event/{tenantLocator}/events/list`: the tenant's events over a span of time, oldest first, with a paging token.

use shared::{
    api::socotra::{EventListBody, EventQuery, Permitted, SocotraFailure},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::EventsRead])).await?;
    let query = EventQuery::parse(request, app.store.clock().now(), app.store.retention())?;
    let (organization, shards) = (&caller.organization.id, caller.organization.event_shards);
    let found = app.store.list_events(organization, shards, &query.span, query.size).await?;
    Ok(Reply::json(200, &EventListBody::new(&query, &found)))
}

shared::serve!(list);
