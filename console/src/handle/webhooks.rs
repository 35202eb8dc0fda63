//! `GET /console/webhooks`: the webhooks of all APIs; `q`, `state`, `api`, `project`.

use shared::{
    api::operations::WebhookQuery,
    app::App,
    http::{Reply, Request},
};

use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Section, webhooks::Filters},
    visit::{Visit, filters},
};

/// The most times that webhooks are read for one page, two calls each.
const READS: usize = 2;

/// Shows the page.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Visit { caller, frame, .. } = Visit::of(app, request, None).await?;
    let query = WebhookQuery::parse(&caller.organization.id, &filters(request))?;
    let list = app.webhook_page(&caller.organization.id, &query, READS).await?;
    let typed = |name| request.parameter(name).unwrap_or_default().to_owned();
    let filters = Filters { api: typed("api"), state: typed("state"), project: typed("project"), text: typed("q") };
    Ok(shown(&frame, Section::Webhooks, "Webhooks", &view::webhooks::content(&frame, &filters, &list)))
}
