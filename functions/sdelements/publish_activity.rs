//! `POST /api/v2/projects/{project_id}/activities/`: publishes a project activity.

use shared::{
    api::{
        events::{Repeats, publish},
        sdelements::{ActivityBody, NewActivity, Role, SdElementsFailure, checked_body, project},
    },
    app::App,
    http::{Reply, Request},
};

async fn publish_activity(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::ActivityPublisher).await?;
    let project = project(request)?;
    let event = NewActivity::parse(checked_body(request)?)?.event(&app.store, &caller.organization, project);
    let shown = |event: &_| Reply::json(201, &ActivityBody::from(event));
    publish(&app.store, request, &caller, event, Repeats::SameBody, shown).await
}

shared::serve!(publish_activity, shared::api::sdelements::rendered);
