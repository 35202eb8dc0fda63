//! `GET /console/webhooks/{id}`: one webhook with its deliveries; `state`, `type`, `status`, `project`.

use shared::{
    api::operations::DeliveryQuery,
    app::App,
    domain::{Api, WebhookKey},
    http::{Reply, Request},
};

use crate::{
    draft,
    failure::Failure,
    reply::shown,
    view::{
        self, Section,
        webhook::{Content, Filters},
    },
    visit::{Visit, filters},
};

/// Shows the page.
pub(crate) async fn show(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    let organization = &visit.caller.organization;
    let query = DeliveryQuery::parse(&organization.id, &filters(request))?;
    let detail = app.webhook_and_queue(webhook, queue).await?;
    let deliveries = app.delivery_page(organization, webhook, &query).await?;
    let typed = |name| request.parameter(name).unwrap_or_default().to_owned();
    let filters = Filters {
        state: typed("state"),
        event_type: typed("type"),
        status: typed("status"),
        project: typed("project"),
    };
    let change_url = match key.api {
        Api::Operations if visit.frame.may_change() => Some(format!("/notifications/{}", key.id)),
        api if draft::may_change_url(&visit.caller, api) => Some(format!("/webhooks/{key}/url")),
        _ => None,
    };
    let page = Content {
        webhook: &detail,
        signs: webhook.endpoint.signs(),
        filters: &filters,
        deliveries: &deliveries,
        old_secret_until: webhook.endpoint.previous_secret_until,
        change_url,
        retention: app.store.retention(),
    };
    Ok(shown(&visit.frame, Section::Webhooks, &webhook.name, &view::webhook::content(&visit.frame, &page)))
}
