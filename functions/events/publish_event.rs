//! `POST /events`: publishes any event.

use shared::{
    api::{
        events::{EventBody, new_id, parse, publish, publisher},
        sdelements::{Failure, parse_body},
    },
    http::{App, Reply, Request},
};

async fn publish_event(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = publisher(app, request).await?;
    let id = new_id(&app.store);
    let event = parse(&parse_body(request)?, caller.organization.id.clone(), id, id.time())?;
    publish(app, request, &caller, &event, &EventBody::from(&event)).await
}

shared::serve!(publish_event);
