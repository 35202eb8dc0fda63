//! `GET /event/{tenantLocator}/events/request/{requestLocator}`: the events that a request caused, oldest first.

use shared::{
    api::socotra::{MOST_OF_A_REQUEST, Permitted, SocotraFailure, event_bodies, request_locator},
    app::App,
    domain::Permission,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SocotraFailure> {
    let caller = app.caller(request, Permitted(&[Permission::EventsRead])).await?;
    let locator = request_locator(request);
    let events = app.store.request_events(&caller.organization.id, &locator, MOST_OF_A_REQUEST).await?;
    Ok(Reply::json(200, &event_bodies(&events)))
}

shared::serve!(list);
