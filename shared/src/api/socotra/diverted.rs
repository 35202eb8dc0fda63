//! Diverted events in replies (docs/apis/socotra.md).

use serde::Serialize;

use super::{SocotraFailure, parameters::window};
use crate::{
    api::common::{MASK, Parameters, Problems},
    domain::{Caller, EventId, Moment, Permission},
    http::Request,
    store::Diverted,
};

/// A DivertedEventResponse. The fields are those of the notice that the `alertEndpoint` gets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DivertedEventResponse"))]
pub struct DivertedBody<'a> {
    event_locator: EventId,
    request_locator: Option<&'a str>,
    failure_message: &'a str,
    failure_timestamp: Option<Moment>,
    failure_trigger: Option<String>,
}

impl<'a> DivertedBody<'a> {
    /// Builds the reply for a diverted event. The failure message may quote the endpoint, so it is masked for a caller
    /// who may resend or delete the event but not read it.
    #[must_use]
    pub fn new(diverted: &'a Diverted, caller: &Caller) -> Self {
        let shown = Self::from(diverted);
        if caller.may(Permission::DivertedEventsRead) { shown } else { Self { failure_message: MASK, ..shown } }
    }
}

impl<'a> From<&'a Diverted> for DivertedBody<'a> {
    fn from(diverted: &'a Diverted) -> Self {
        let (delivery, last) = (&diverted.delivery, diverted.delivery.attempts.last());
        let message = delivery.reason.as_deref().or(last.and_then(|attempt| attempt.failure.as_deref()));
        Self {
            event_locator: delivery.event,
            request_locator: diverted.request.as_deref(),
            failure_message: message.unwrap_or_default(),
            failure_timestamp: last.map(|attempt| attempt.at).or(delivery.finished).map(Moment::from),
            failure_trigger: last.map(|attempt| attempt.trigger()),
        }
    }
}

/// The part of a webhook's diverted events that a request lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DivertedQuery {
    /// How many events to skip.
    pub offset: usize,
    /// The largest number of events to return.
    pub count: usize,
}

impl DivertedQuery {
    /// Reads `offset` and `count` from the query.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid parameter.
    pub fn parse(request: &Request) -> Result<Self, SocotraFailure> {
        let mut problems = Problems::default();
        let (offset, count) = window(&Parameters::of(request), &mut problems);
        problems.finish(Self { offset, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attempt, Delivery, DeliveryState, Timestamp};

    #[test]
    fn the_last_attempt_says_what_failed() {
        let attempt =
            |at, status| Attempt { at: Timestamp(at), status, duration_ms: 1, failure: Some("why".to_owned()) };
        let delivery = Delivery {
            event: EventId::new(Timestamp(0), 1),
            event_type: None,
            project: None,
            state: DeliveryState::Diverted,
            queued: Timestamp(0),
            finished: Some(Timestamp(9)),
            reason: Some("HTTP 500".to_owned()),
            attempts: vec![attempt(1, Some(500)), attempt(2, None)],
        };
        let mut diverted = Diverted { delivery, request: Some("r".to_owned()) };
        let shown = |diverted: &Diverted| serde_json::to_string(&DivertedBody::from(diverted)).unwrap();
        insta::assert_snapshot!(shown(&diverted), @r#"{"eventLocator":"00000000000000000000000001","requestLocator":"r","failureMessage":"HTTP 500","failureTimestamp":"1970-01-01T00:00:00.002Z","failureTrigger":"timeout"}"#);
        diverted.delivery.attempts.clear();
        diverted.request = None;
        insta::assert_snapshot!(shown(&diverted), @r#"{"eventLocator":"00000000000000000000000001","requestLocator":null,"failureMessage":"HTTP 500","failureTimestamp":"1970-01-01T00:00:00.009Z","failureTrigger":null}"#);
    }
}
