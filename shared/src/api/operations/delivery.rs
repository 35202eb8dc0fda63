//! Deliveries in replies, the query of their list, and requests to resend them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    OperationsFailure,
    cursor::{List, bad_cursor},
};
use crate::{
    api::common::{AttemptBody, MASK, Object, Parameters, Problems, REQUIRED},
    delivery::Post,
    domain::{Delivery, DeliveryState, Event, EventId, JsonText, Moment, OrganizationId, ResendCursor, Timestamp},
    http::Request,
    store::{EventSummary, LogFilter, LogQuery},
    validation::masked_endpoint,
};

/// What a delivery shows of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DeliveredEvent"))]
pub struct DeliveredEvent {
    /// The event's type.
    pub r#type: Option<String>,
    /// The project of the event.
    pub project: Option<String>,
    /// When it happened; `null` once the event has expired.
    pub time: Option<Moment>,
}

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Delivery"))]
pub struct DeliveryBody<E = DeliveredEvent> {
    /// The event's id.
    pub id: EventId,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// The event.
    pub event: E,
    /// How many requests have carried it.
    pub attempts: usize,
    /// The status of the last reply; `null` if there was none.
    pub last_status: Option<u16>,
    /// Why the last attempt failed; `null` if it did not.
    pub last_failure: Option<String>,
    /// Why it was diverted or discarded.
    pub reason: Option<String>,
    /// When the event was queued for the webhook.
    pub queued: Moment,
    /// When it was delivered, diverted or discarded; `null` while it waits.
    pub finished: Option<Moment>,
}

impl DeliveryBody {
    /// Shows the delivery; `event` is what is known of its event.
    #[must_use]
    pub fn new(delivery: &Delivery, event: Option<&EventSummary>) -> Self {
        let last = delivery.attempts.last();
        let event = match event {
            Some(event) => DeliveredEvent {
                r#type: Some(event.event_type.clone()),
                project: event.project.clone(),
                time: Some(event.time.into()),
            },
            None => {
                DeliveredEvent { r#type: delivery.event_type.clone(), project: delivery.project.clone(), time: None }
            }
        };
        Self {
            id: delivery.event,
            state: delivery.state,
            event,
            attempts: delivery.attempts.len(),
            last_status: last.and_then(|attempt| attempt.status),
            last_failure: last.and_then(|attempt| attempt.failure.clone()),
            reason: delivery.reason.clone(),
            queued: delivery.queued.into(),
            finished: delivery.finished.map(Moment::from),
        }
    }
}

impl<E> DeliveryBody<E> {
    /// The same delivery with something else of its event.
    fn map_event<T>(self, map: impl FnOnce(E) -> T) -> DeliveryBody<T> {
        let Self { id, state, event, attempts, last_status, last_failure, reason, queued, finished } = self;
        let event = map(event);
        DeliveryBody { id, state, event, attempts, last_status, last_failure, reason, queued, finished }
    }
}

/// A request as an endpoint gets it, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SentRequest"))]
pub struct SentRequest {
    /// The method.
    pub method: &'static str,
    /// The URL, with `…` for each part that may be a secret.
    pub endpoint: String,
    /// The headers by their names. The values of the owner's headers and the signatures are `***`.
    pub headers: BTreeMap<String, String>,
    /// The body as it is sent.
    pub body: String,
}

impl From<&Post> for SentRequest {
    fn from(post: &Post) -> Self {
        let mut headers = BTreeMap::from([("content-type".to_owned(), post.content_type.to_owned())]);
        for (name, value) in &post.own_headers {
            headers.insert((*name).to_owned(), shown(name, value));
        }
        for (name, _) in post.owners_headers() {
            let values = headers.entry(name.to_ascii_lowercase()).or_default();
            let separator = if values.is_empty() { "" } else { ", " };
            *values = format!("{values}{separator}{MASK}");
        }
        Self { method: "POST", endpoint: masked_endpoint(&post.url), headers, body: post.body.clone() }
    }
}

/// The value of a header that Outhook sets. Of a signature, the scheme stays: `v1,***`.
fn shown(name: &str, value: &str) -> String {
    if name != crate::delivery::standard_webhooks::SIGNATURE {
        return value.to_owned();
    }
    let scheme = |signature: &str| match signature.split_once(',') {
        Some((scheme, _)) => format!("{scheme},{MASK}"),
        None => MASK.to_owned(),
    };
    value.split(' ').map(scheme).collect::<Vec<_>>().join(" ")
}

/// One delivery with its attempts, its event and what is sent.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DeliveryDetail"))]
pub struct DeliveryDetailBody<'a> {
    #[serde(flatten)]
    delivery: DeliveryBody<WholeEvent<'a>>,
    /// The requests that carried it, oldest first.
    attempt_log: Vec<AttemptBody>,
    /// What is sent; `null` once the event has expired. A Slack digest carries other events beside this one.
    request: Option<SentRequest>,
}

/// The event of a delivery with its data.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DeliveredEventWithData"))]
pub struct WholeEvent<'a> {
    #[serde(flatten)]
    about: DeliveredEvent,
    /// What happened; `null` once the event has expired.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    data: Option<&'a JsonText>,
}

impl<'a> DeliveryDetailBody<'a> {
    /// Shows the delivery with its event and what is sent, if the event still exists.
    #[must_use]
    pub fn new(delivery: &Delivery, event: Option<&'a Event>, request: Option<SentRequest>) -> Self {
        let summary = event.map(EventSummary::from);
        let delivery_body = DeliveryBody::new(delivery, summary.as_ref());
        let data = event.map(|event| &event.data);
        let attempt_log = delivery.attempts.iter().map(AttemptBody::from).collect();
        Self { delivery: delivery_body.map_event(|about| WholeEvent { about, data }), attempt_log, request }
    }
}

/// The query of the list of deliveries.
#[derive(Clone, Debug)]
pub struct DeliveryQuery {
    /// The list.
    pub list: List,
    /// What to read.
    pub log: LogQuery,
}

impl DeliveryQuery {
    const NAMES: [&str; 8] = ["state", "type", "status", "project", "after", "before", "limit", "cursor"];

    /// Reads `state`, `type`, `status` (of the last attempt), `project`, `after` (inclusive), `before` (exclusive),
    /// `limit` and `cursor`. The times are those at which events were accepted.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown parameter.
    pub fn parse(organization: &OrganizationId, request: &Request) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let parameters = Parameters::only(request, &Self::NAMES, &mut problems);
        let status = parameters.integer("status", 100, 599, &mut problems);
        let filter = LogFilter {
            state: parameters.choice("state", DeliveryState::ALL, DeliveryState::as_str, &mut problems),
            event_type: parameters.text("type").map(str::to_owned),
            project: parameters.text("project").map(str::to_owned),
            status: status.and_then(|status| u16::try_from(status).ok()),
        };
        let (after, before) = (parameters.moment("after", &mut problems), parameters.moment("before", &mut problems));
        let list = List::of(organization, request, &mut problems);
        let list = problems.finish::<_, OperationsFailure>(list)?;
        let (from, to) = page_span(&list, request, after, before)?;
        let log = LogQuery { filter, from, to, ascending: false, limit: list.limit };
        Ok(Self { list, log })
    }
}

/// The lowest and the highest event of a page: of those accepted from `after` to `before`, and before the last event of
/// the page before.
pub(super) fn page_span(
    list: &List,
    request: &Request,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
) -> Result<(EventId, EventId), OperationsFailure> {
    let (from, to) = EventId::span(after, before);
    let Some(position) = list.position(request)? else { return Ok((from, to)) };
    let last: EventId = position.parse().map_err(|_| bad_cursor())?;
    Ok((from, to.min(last.previous())))
}

/// A request to resend the deliveries of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResendRequest {
    /// What to resend.
    pub cursor: ResendCursor,
    /// Whether to count only.
    pub dry_run: bool,
}

impl ResendRequest {
    /// Parses a body: `state` (required: `delivered`, `diverted` or `discarded`), `after` (inclusive), `before`
    /// (exclusive) and `dry_run`.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid or unknown member.
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, OperationsFailure> {
        let mut problems = Problems::default();
        let object = Object::body(body)?;
        object.allow_only(&["state", "after", "before", "dry_run"], &mut problems);
        let state = object.text("state", &mut problems);
        let state = match state.map(DeliveryState::parse) {
            Some(Some(state)) if state != DeliveryState::Pending => Some(state),
            Some(_) => {
                problems.add("state", "must be one of delivered, diverted, discarded");
                None
            }
            None => {
                problems.add("state", REQUIRED);
                None
            }
        };
        let (after, before) = (object.moment("after", &mut problems), object.moment("before", &mut problems));
        let dry_run = object.boolean("dry_run", &mut problems).unwrap_or(false);
        let (next, last) = EventId::span(after, before);
        let state = problems.finish::<_, OperationsFailure>(state)?.ok_or(OperationsFailure::Internal)?;
        Ok(Self { cursor: ResendCursor { next, last, state, requested: now }, dry_run })
    }

    /// The deliveries that match.
    #[must_use]
    pub fn matching(&self) -> LogQuery {
        let filter = LogFilter { state: Some(self.cursor.state), ..LogFilter::default() };
        LogQuery { filter, from: self.cursor.next, to: self.cursor.last, ascending: true, limit: 0 }
    }
}

/// How many deliveries a request to resend matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Resend"))]
pub struct ResendBody {
    /// How many deliveries are in that state and span.
    pub matching: usize,
    /// Whether there are more than were counted.
    pub more: bool,
}

/// The result of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Test"))]
pub struct TestBody {
    /// What was sent.
    pub request: SentRequest,
    /// What came of it.
    pub attempt: AttemptBody,
}
