//! Events in replies: where each went, and why.

use serde::Serialize;

use super::{OperationsFailure, cursor::List, delivery::page_span};
use crate::{
    api::common::{Parameters, Problems},
    domain::{DeliveryState, Event, EventId, JsonText, Moment, OrganizationId},
    http::Request,
    store::{EventSpan, EventSummary},
};

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Event"))]
pub struct EventBody {
    /// The event's id.
    pub id: EventId,
    /// Its type.
    pub r#type: String,
    /// Its project.
    pub project: Option<String>,
    /// When it happened.
    pub time: Moment,
    /// When it was accepted.
    pub accepted: Moment,
}

impl From<&EventSummary> for EventBody {
    fn from(event: &EventSummary) -> Self {
        Self {
            id: event.id,
            r#type: event.event_type.clone(),
            project: event.project.clone(),
            time: event.time.into(),
            accepted: event.id.time().into(),
        }
    }
}

/// What became of an event at one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventDelivery"))]
pub struct EventDelivery {
    /// The webhook, `<api>:<its id there>`.
    pub webhook: String,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// The status of the last reply; `null` if there was none.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why the delivery was diverted or discarded.
    pub reason: Option<String>,
}

/// A webhook that subscribes to the event's type now, but for which the event was not queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "NotQueued"))]
pub struct NotQueued {
    /// The webhook, `<api>:<its id there>`.
    pub webhook: String,
    /// Why the event was not queued for it.
    pub reason: &'static str,
}

/// One event, with what became of it at each webhook.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventDetail"))]
pub struct EventDetailBody<'a> {
    id: EventId,
    r#type: &'a str,
    project: Option<&'a str>,
    /// When it happened.
    time: Moment,
    /// When it was accepted.
    accepted: Moment,
    request: Option<&'a str>,
    user: Option<&'a str>,
    ordering_key: Option<&'a str>,
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    data: &'a JsonText,
    /// The webhooks for which it was queued.
    deliveries: Vec<EventDelivery>,
    /// Webhooks that might have been expected to get it.
    not_queued: Vec<NotQueued>,
    /// Why it was queued for no webhook; `null` if it was queued for any.
    reason: Option<&'static str>,
}

impl<'a> EventDetailBody<'a> {
    /// Shows the event.
    #[must_use]
    pub fn new(
        event: &'a Event,
        deliveries: Vec<EventDelivery>,
        not_queued: Vec<NotQueued>,
        reason: Option<&'static str>,
    ) -> Self {
        Self {
            id: event.id,
            r#type: &event.event_type,
            project: event.project.as_deref(),
            time: event.time.into(),
            accepted: event.id.time().into(),
            request: event.request.as_deref(),
            user: event.user.as_deref(),
            ordering_key: event.ordering_key.as_deref(),
            data: &event.data,
            deliveries,
            not_queued,
            reason,
        }
    }
}

/// The query of the list of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    /// The list.
    pub list: List,
    /// What to read.
    pub span: EventSpan,
    /// Only events of this project.
    pub project: Option<String>,
}

impl EventQuery {
    const NAMES: [&str; 6] = ["type", "project", "after", "before", "limit", "cursor"];

    /// Reads `type`, `project`, `after` (inclusive), `before` (exclusive), `limit` and `cursor`. The times are those at
    /// which events were accepted.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown parameter.
    pub fn parse(organization: &OrganizationId, request: &Request) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let parameters = Parameters::only(request, &Self::NAMES, &mut problems);
        let (after, before) = (parameters.moment("after", &mut problems), parameters.moment("before", &mut problems));
        let list = List::of(organization, request, &mut problems);
        let list = problems.finish::<_, OperationsFailure>(list)?;
        let (from, to) = page_span(&list, request, after, before)?;
        let event_type = parameters.text("type").map(str::to_owned);
        let project = parameters.text("project").map(str::to_owned);
        Ok(Self { list, span: EventSpan { from, to, event_type }, project })
    }
}
