//! `POST /events`: publishes any event, or a batch of them.

use shared::{
    api::{
        events::{Batch, EventBody, NewEvent, Repeats, publish, publish_batch},
        sdelements::{Role, SdElementsFailure, checked_body},
    },
    app::App,
    http::{Reply, Request},
};

async fn publish_event(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::EventPublisher).await?;
    if let Some(batch) = Batch::read(request)? {
        return publish_batch(&app.store, request, &caller, batch).await;
    }
    let new = NewEvent::parse(checked_body(request)?)?;
    let repeats = Repeats::SameContent(new.content_hash());
    let event = new.event(&app.store, &caller.organization);
    publish(&app.store, request, &caller, event, repeats, |event| Reply::json(201, &EventBody::from(event))).await
}

shared::serve!(publish_event);
