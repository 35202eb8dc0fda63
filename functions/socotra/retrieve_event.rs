//! `GET /event/{tenantLocator}/events/{eventLocator}`: one event.

use shared::{
    api::socotra::{Permitted, SocotraFailure, event},
    app::App,
    delivery::envelope::SocotraEvent,
    domain::Permission,
    http::{Reply, Request},
    store::event_partition,
};

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::EventsRead])).await?;
    let (organization, event) = (&caller.organization, event(request)?);
    let partition = event_partition(&organization.id, event, organization.event_shards);
    let (found, _) = app.store.events(&[(partition, event)]).await?;
    let found = found.get(&event).ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::json(200, &SocotraEvent::from(found)))
}

shared::serve!(retrieve);
