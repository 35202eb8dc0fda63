//! `/console/webhooks/{id}/deliveries/{event}`: one delivery; resending and deleting it.

use shared::{
    api::operations::WebhookBody,
    app::{App, DeliveryDetail},
    domain::{EventId, WebhookKey},
    http::{Reply, Request},
};

use super::{done, page_of};
use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Notice, Section, delivery::Content},
    visit::Visit,
};

/// Shows the page.
pub(crate) async fn show(app: &App, request: &Request, key: &WebhookKey, event: EventId) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    let DeliveryDetail { delivery, event, request } =
        app.delivery_detail(&visit.caller.organization, webhook, event).await?;
    let webhook = WebhookBody::new(webhook, queue);
    let page = Content { webhook: &webhook, delivery: &delivery, event: event.as_ref(), request: request.as_ref() };
    Ok(shown(&visit.frame, Section::Webhooks, "Delivery", &view::delivery::content(&visit.frame, &page)))
}

/// Sends the delivery again.
pub(crate) async fn resend(app: &App, request: &Request, key: &WebhookKey, event: EventId) -> Result<Reply, Failure> {
    let (visit, _) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, _) = visit.webhook()?;
    app.resend_one(&visit.caller.organization, webhook, event).await?;
    Ok(done(&visit.frame, &format!("{}/deliveries/{event}", page_of(webhook)), Notice::Resent))
}

/// Deletes the delivery for good, after asking.
pub(crate) async fn delete(app: &App, request: &Request, key: &WebhookKey, event: EventId) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, _) = visit.webhook()?;
    let page = page_of(webhook);
    if fields.text("sure").is_empty() {
        let at = format!("{page}/deliveries/{event}");
        let content =
            view::confirm::page(&visit.frame, "Delete this delivery?", "Delete", &format!("{at}/delete"), &at);
        return Ok(shown(&visit.frame, Section::Webhooks, "Delete this delivery?", &content));
    }
    app.delete_delivery(webhook, event).await?;
    Ok(done(&visit.frame, &page, Notice::Deleted))
}
