//! The delivery log in requests and replies. It is Outhook's own, in the style of this API.

use serde::Serialize;

use super::{
    SdElementsFailure,
    cursor::CursorQuery,
    date_time,
    fields::{Fields, Text, not_a_choice},
    python::Value,
};
use crate::{
    api::common::AttemptBody,
    domain::{Delivery, DeliveryState, EventId, Moment, ResendCursor, Timestamp},
    http::Request,
    store::{LogFilter, LogQuery},
};

const STATE: Text = Text { most: 40, blank: false };

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Delivery"))]
pub struct DeliveryBody {
    id: EventId,
    state: DeliveryState,
    queued: Moment,
    finished: Option<Moment>,
    reason: Option<String>,
    attempt_count: usize,
}

impl From<&Delivery> for DeliveryBody {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.event,
            state: delivery.state,
            queued: delivery.queued.into(),
            finished: delivery.finished.map(Moment::from),
            reason: delivery.reason.clone(),
            attempt_count: delivery.attempts.len(),
        }
    }
}

/// One delivery with its attempts, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DeliveryDetail"))]
pub struct DeliveryDetailBody {
    #[serde(flatten)]
    delivery: DeliveryBody,
    attempts: Vec<AttemptBody>,
}

impl From<&Delivery> for DeliveryDetailBody {
    fn from(delivery: &Delivery) -> Self {
        Self { delivery: delivery.into(), attempts: delivery.attempts.iter().map(AttemptBody::from).collect() }
    }
}

/// What a request to send deliveries again is answered with: they are sent in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Resend"))]
pub struct ResendBody {
    state: DeliveryState,
    requested: Moment,
}

impl From<&ResendCursor> for ResendBody {
    fn from(cursor: &ResendCursor) -> Self {
        Self { state: cursor.state, requested: cursor.requested.into() }
    }
}

/// Reads the query of a page of the log: `state`, `after` (inclusive) and `before` (exclusive). The last two are RFC
/// 3339 date-times and compare with the time at which the event was accepted.
///
/// # Errors
///
/// 400 with a message for each invalid parameter.
pub fn log_query(request: &Request, page: CursorQuery) -> Result<LogQuery, SdElementsFailure> {
    let mut failures = Vec::new();
    let state = request.parameter("state").and_then(|text| {
        let known = DeliveryState::parse(text);
        if known.is_none() {
            failures.push(("state", not_a_choice(text).into()));
        }
        known
    });
    let mut moment = |name: &'static str| {
        let moment = date_time::parse(request.parameter(name)?);
        if moment.is_none() {
            failures.push((name, date_time::WRONG_FORMAT.into()));
        }
        moment
    };
    let (after, before) = (moment("after"), moment("before"));
    if !failures.is_empty() {
        return Err(SdElementsFailure::Validation(failures));
    }
    let (mut from, mut to) = EventId::span(after, before);
    let reverse = page.cursor.is_some_and(|cursor| cursor.reverse);
    match page.cursor {
        Some(cursor) if reverse => from = from.max(cursor.from.next()),
        Some(cursor) => to = to.min(cursor.from.previous()),
        None => {}
    }
    let filter = LogFilter { state, ..LogFilter::default() };
    Ok(LogQuery { filter, from, to, ascending: reverse, limit: page.size })
}

/// Parses a request to send deliveries again: `state` (required: `delivered`, `diverted` or `discarded`), `after`
/// (inclusive) and `before` (exclusive).
///
/// # Errors
///
/// 400 with the messages for each invalid field.
pub fn resend_request(body: &Value, now: Timestamp) -> Result<ResendCursor, SdElementsFailure> {
    let mut fields = Fields::of(body, false)?;
    let state = fields.text("state", true, &STATE);
    let known = state.as_deref().and_then(DeliveryState::parse).filter(|state| *state != DeliveryState::Pending);
    if let (Some(text), None) = (&state, known) {
        fields.fail("state", not_a_choice(text));
    }
    let (after, before) = (fields.date_time("after"), fields.date_time("before"));
    let (next, last) = EventId::span(after, before);
    fields.finish(known.map(|state| ResendCursor { next, last, state, requested: now }))
}

#[cfg(test)]
mod tests {
    use super::{super::python::parse, *};

    #[test]
    fn a_resend_names_a_finished_state_and_a_span() {
        let read = |body: &str| resend_request(&parse(body).unwrap(), Timestamp(9));
        let body = r#"{"state": "diverted", "after": "1970-01-01T00:00:01Z", "before": "1970-01-01T00:00:02Z"}"#;
        let cursor = read(body).unwrap();
        assert_eq!((cursor.next.time(), cursor.last.time()), (Timestamp(1000), Timestamp(1999)));
        for body in ["{}", r#"{"state": "pending"}"#, r#"{"state": "x", "after": "y"}"#] {
            assert!(read(body).is_err(), "{body}");
        }
    }
}
