//! `POST /console/webhooks/{id}/test`: sends a test at once, and shows what came of it.

use shared::{
    api::operations::WebhookBody,
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Section},
    visit::Visit,
};

/// Sends the test. The result is stored nowhere, so this is the page that shows it.
pub(crate) async fn send(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, _) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    let test = app.test_body(webhook).await?;
    let content = view::test::content(&visit.frame, &WebhookBody::new(webhook, queue), &test);
    Ok(shown(&visit.frame, Section::Webhooks, "The test", &content))
}
