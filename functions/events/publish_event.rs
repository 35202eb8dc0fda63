//! `POST /events`: publishes any event.

use shared::{
    api::{
        events::{EventBody, NewEvent, publish},
        sdelements::{Role, SdElementsFailure, checked_body},
    },
    app::App,
    http::{Reply, Request},
};

async fn publish_event(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::EventPublisher).await?;
    let event = NewEvent::parse(checked_body(request)?)?.event(&app.store, &caller.organization);
    publish(&app.store, request, &caller, event, |event| Reply::json(201, &EventBody::from(event))).await
}

shared::serve!(publish_event);
