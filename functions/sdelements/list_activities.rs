//! `GET /api/v2/projects/{project_id}/activities/`: a project's activities, newest first, with cursor pagination.

use shared::{
    api::{
        common::fitting,
        sdelements::{ActivityBody, CursorPage, CursorQuery, Role, SdElementsFailure, project},
    },
    app::App,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, SdElementsFailure> {
    let caller = app.caller(request, Role::SuperUser).await?;
    let project = project(request)?;
    let query = CursorQuery::parse(request)?;
    let (from, reverse) = query.cursor.map_or((None, false), |cursor| (Some(cursor.from), cursor.reverse));
    let page = app.store.project_events(&caller.organization.id, &project, from, reverse, query.size).await?;
    let mut results = fitting(page.events.iter().map(ActivityBody::from));
    let mut ids: Vec<_> = page.events.iter().take(results.len()).map(|event| event.id).collect();
    let more = (page.more || results.len() < page.events.len()).then(|| ids.last().copied()).flatten();
    if reverse {
        ids.reverse();
        results.reverse();
    }
    Ok(Reply::json(200, &CursorPage::new(request, query, &ids, more, results)))
}

shared::serve!(list, shared::api::sdelements::rendered);
