//! `POST /api/v2/projects/{project_id}/activities/`: publishes a project activity.

use shared::{
    api::{
        events::{new_id, publish},
        sdelements::{ActivityBody, Failure, NewActivity, parse_body, project, super_user},
    },
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/projects/{project_id}/activities";

async fn publish_activity(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = super_user(app, request).await?;
    let project = project(request, PATH)?;
    let new = NewActivity::parse(&parse_body(request)?)?;
    let id = new_id(&app.store);
    let event = new.event(caller.organization.id.clone(), project, id, id.time());
    publish(app, request, &caller, &event, &ActivityBody::from(&event)).await
}

shared::serve!(publish_activity);
