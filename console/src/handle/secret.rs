//! `/console/webhooks/{id}/rotate-secret`: replaces the signing secret; the new one is shown once.

use serde_json::json;
use shared::{
    api::operations::{OperationsFailure, WebhookBody, overlap},
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use super::only_for_writers;
use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Section},
    visit::Visit,
};

/// Asks for how long the old secret is to sign too.
pub(crate) async fn show(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    only_for_writers(&visit.frame)?;
    let (webhook, queue) = visit.webhook()?;
    let content = view::secret::content(&visit.frame, &WebhookBody::new(webhook, queue));
    Ok(shown(&visit.frame, Section::Webhooks, "Rotate the secret", &content))
}

/// Rotates, and shows the new secret.
pub(crate) async fn rotate(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    let hours = fields.text("overlap_hours");
    let hours = hours.parse::<u64>().map_or_else(|_| json!(hours), |hours| json!(hours));
    let overlap = overlap(&json!({"overlap_hours": hours}))?;
    let rotation = app.rotate_secret(&webhook.organization, key, overlap).await?.ok_or(OperationsFailure::NotFound)?;
    let content = view::secret::rotated(&visit.frame, &WebhookBody::new(webhook, queue), &rotation);
    Ok(shown(&visit.frame, Section::Webhooks, "The new secret", &content))
}
