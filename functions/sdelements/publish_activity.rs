//! `POST /api/v2/projects/{project_id}/activities/`: publishes a project activity.

use shared::{
    api::{
        events::publish,
        sdelements::{ActivityBody, NewActivity, SdElementsFailure, checked_body, project, publisher},
    },
    http::{App, Reply, Request},
};

const PATH: &str = "/api/v2/projects/{project_id}/activities";

async fn publish_activity(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = publisher(app, request).await?;
    let project = project(request, PATH)?;
    let event = NewActivity::parse(checked_body(request)?)?.event(&app.store, &caller.organization, project);
    publish(app, request, &caller, event, |event| Reply::json(201, &ActivityBody::from(event))).await
}

shared::serve!(publish_activity);
