//! `GET /console`: how everything is doing.

use shared::{
    app::App,
    http::{Reply, Request},
};

use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Section},
    visit::Visit,
};

/// Shows the page.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Visit { caller, frame, .. } = Visit::of(app, request, None).await?;
    let summary = app.summary(&caller.organization.id).await?;
    Ok(shown(&frame, Section::Overview, "Overview", &view::overview::content(&frame, &summary)))
}
