//! `GET /event/{tenantLocator}/events/request/{requestLocator}`: the events that a request caused, oldest first.

use shared::{
    api::socotra::{MOST_OF_A_REQUEST, SocotraFailure, caller, event_bodies, request_locator},
    domain::Permission,
    http::{App, Reply, Request},
};

const PATH: &str = "/event/{tenantLocator}/events/request/{requestLocator}";

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = caller(app, request, PATH, &[Permission::EventsRead]).await?;
    let locator = request_locator(request, PATH);
    let events = app.store.request_events(&caller.organization.id, &locator, MOST_OF_A_REQUEST).await?;
    Ok(Reply::json(200, &event_bodies(&events)))
}

shared::serve!(list);
