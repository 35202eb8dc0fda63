//! `/console/webhooks/{id}/url`: changes the URL of a webhook by the rules of its API.

use shared::{
    api::operations::{OperationsFailure, WebhookBody},
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use super::{done, page_of};
use crate::{
    draft::{self, Maker, Wrong},
    failure::Failure,
    reply::{form, shown},
    view::{self, Notice, Section},
    visit::Visit,
};

/// Shows the form.
pub(crate) async fn show(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    if !draft::may_change_url(&visit.caller, key.api) {
        return Err(Failure::NOT_FOUND);
    }
    let content = view::new_url::content(&visit.frame, &WebhookBody::new(webhook, queue), "", &[]);
    Ok(shown(&visit.frame, Section::Webhooks, "Change the URL", &content))
}

/// Changes the URL, or shows the form again with what is wrong.
pub(crate) async fn change(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, queue) = visit.webhook()?;
    if !draft::may_change_url(&visit.caller, key.api) {
        return Err(Failure::NOT_FOUND);
    }
    let maker = Maker { store: &app.store, request, caller: &visit.caller };
    let url = match draft::new_url(&maker, webhook, &fields) {
        Ok(url) => url,
        Err(Wrong::Failure(failure)) => return Err(failure),
        Err(Wrong::Fields(errors)) => {
            let body = WebhookBody::new(webhook, queue);
            let content = view::new_url::content(&visit.frame, &body, fields.text("url"), &errors);
            return Ok(form(&visit.frame, Section::Webhooks, "Change the URL", &content, &errors));
        }
    };
    let now = app.store.clock().now();
    let changed = app.change_webhook(&webhook.organization, key, |webhook| {
        webhook.move_to(url.clone());
        webhook.updated = now;
        Ok::<_, OperationsFailure>(())
    });
    changed.await?.ok_or(OperationsFailure::NotFound)?;
    Ok(done(&visit.frame, &page_of(webhook), Notice::Saved))
}
