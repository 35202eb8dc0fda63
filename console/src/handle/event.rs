//! `GET /console/events/{id}`: one event, and where it went.

use shared::{
    api::operations::OperationsFailure,
    app::{App, EventDetail},
    domain::{DeliveryState, EventId},
    http::{Reply, Request},
};

use crate::{
    failure::Failure,
    reply::shown,
    view::{self, Section, event::Content},
    visit::Visit,
};

/// Shows the page.
pub(crate) async fn show(app: &App, request: &Request, id: EventId) -> Result<Reply, Failure> {
    let Visit { caller, frame, .. } = Visit::of(app, request, None).await?;
    let detail = app.event_detail(&caller.organization, id).await;
    let detail = detail.map_err(|failure| match failure {
        OperationsFailure::NotFound => Failure::NoEvent,
        failure => failure.into(),
    });
    let EventDetail { event, mut deliveries, not_queued, reason } = detail?;
    // What did not arrive comes first, since only some are shown.
    deliveries.sort_by_key(|one| one.state == DeliveryState::Delivered);
    let page = Content { event: &event, deliveries: &deliveries, not_queued: &not_queued, reason };
    Ok(shown(&frame, Section::Events, &event.event_type, &view::event::content(&frame, &page)))
}
