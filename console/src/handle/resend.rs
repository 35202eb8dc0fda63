//! `/console/webhooks/{id}/resend`: counts the deliveries of a span, and resends them.

use shared::{
    api::operations::{ResendRequest, WebhookBody},
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use super::{done, only_for_writers, page_of};
use crate::{
    failure::Failure,
    form::Fields,
    reply::shown,
    view::{self, Notice, Section, resend::Typed},
    visit::Visit,
};

/// The members of the operations API's request, which are the fields of the form.
const NAMES: [&str; 3] = ["state", "after", "before"];

/// Shows the form and, if it was filled in, how many deliveries match.
pub(crate) async fn count(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let visit = Visit::of(app, request, Some(key)).await?;
    only_for_writers(&visit.frame)?;
    let (webhook, queue) = visit.webhook()?;
    let fields = Fields::in_query(request);
    let [state, after, before] = NAMES.map(|name| fields.text(name).to_owned());
    let typed = Typed { state, after, before };
    let (found, errors) = if typed.state.is_empty() {
        (None, Vec::new())
    } else {
        match ResendRequest::parse(&fields.object(&NAMES), visit.frame.now) {
            Ok(wanted) => {
                let counting = ResendRequest { dry_run: true, ..wanted };
                (Some(app.resend_many(webhook, &counting).await?), Vec::new())
            }
            Err(failure) => (None, Failure::from(failure).into_errors()?),
        }
    };
    let content = view::resend::content(&visit.frame, &WebhookBody::new(webhook, queue), &typed, found, &errors);
    Ok(shown(&visit.frame, Section::Webhooks, "Resend many", &content))
}

/// Resends them.
pub(crate) async fn resend(app: &App, request: &Request, key: &WebhookKey) -> Result<Reply, Failure> {
    let (visit, fields) = Visit::to_change(app, request, Some(key)).await?;
    let (webhook, _) = visit.webhook()?;
    let wanted = ResendRequest::parse(&fields.object(&NAMES), visit.frame.now)?;
    app.resend_many(webhook, &wanted).await?;
    Ok(done(&visit.frame, &page_of(webhook), Notice::Resending))
}
