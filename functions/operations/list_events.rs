//! `GET /operations/events`: the organization's events, newest first; `type`, `project`, `after`, `before`.

use shared::{
    api::operations::{EventQuery, OperationsFailure, Permitted},
    app::App,
    http::{Reply, Request},
};

async fn list(app: &App, request: &Request) -> Result<Reply, OperationsFailure> {
    let caller = app.caller(request, Permitted::Reader).await?;
    let query = EventQuery::parse(&caller.organization.id, request)?;
    Ok(Reply::json(200, &app.event_page(&caller.organization, &query).await?))
}

shared::serve!(list);
