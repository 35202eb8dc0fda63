//! `GET /event/{tenantLocator}/events/{eventLocator}`: one event.

use shared::{
    api::socotra::{SocotraFailure, caller, event},
    delivery::envelope::SocotraEvent,
    domain::Permission,
    http::{App, Reply, Request},
    store::event_partition,
};

const PATH: &str = "/event/{tenantLocator}/events/{eventLocator}";

async fn retrieve(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::EventsRead]).await?;
    let (organization, event) = (&caller.organization, event(request, PATH)?);
    let partition = event_partition(&organization.id, event, organization.event_shards);
    let (found, _) = app.store.events(&[(partition, event)]).await?;
    let found = found.get(&event).ok_or(SocotraFailure::NotFound)?;
    Ok(Reply::json(200, &SocotraEvent::from(found)))
}

shared::serve!(retrieve);
