//! `POST /events`: publishes any event.

use shared::{
    api::{
        events::{EventBody, NewEvent, publish, publisher},
        sdelements::{SdElementsFailure, checked_body},
    },
    http::{App, Reply, Request},
};

async fn publish_event(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = publisher(app, request).await?;
    let event = NewEvent::parse(checked_body(request)?)?.event(&app.store, &caller.organization);
    publish(app, request, &caller, event, |event| Reply::json(201, &EventBody::from(event))).await
}

shared::serve!(publish_event);
