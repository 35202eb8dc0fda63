//! `POST /api/v2/projects/{project_id}/activities/`: publishes a project activity.

use shared::{
    api::{
        events::publish,
        sdelements::{ActivityBody, NewActivity, Role, SdElementsFailure, checked_body, project},
    },
    app::App,
    http::{Reply, Request},
};

async fn publish_activity(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::ActivityPublisher).await?;
    let project = project(request)?;
    let event = NewActivity::parse(checked_body(request)?)?.event(&app.store, &caller.organization, project);
    publish(&app.store, request, &caller, event, |event| Reply::json(201, &ActivityBody::from(event))).await
}

shared::serve!(publish_activity, shared::api::sdelements::rendered);
