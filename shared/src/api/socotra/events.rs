//! Lists events (docs/apis/socotra.md).

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{SocotraFailure, paging_token::PagingToken};
use crate::{
    api::common::{Parameters, Problems, fitting},
    delivery::envelope::SocotraEvent,
    domain::{Event, EventId, Timestamp},
    http::Request,
    store::{EventSpan, FoundEvents},
};

/// The largest number of events that the list of one request's events shows.
pub const MOST_OF_A_REQUEST: usize = 500;

pub(super) const DEFAULT_SIZE: usize = 100;
pub(super) const MOST_SIZE: usize = 500;

/// Events are kept for this long after the time within which they are delivered: two days.
const BEYOND_RETENTION: Duration = Duration::from_secs(2 * 86_400);

/// The query of GET .../events/list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    /// The events to list.
    pub span: EventSpan,
    /// The largest number of events on a page.
    pub size: usize,
}

impl EventQuery {
    /// Reads either `pagingToken` or the other parameters: `startTimestamp` (inclusive; the oldest kept event by
    /// default), `endTimestamp` (exclusive; the present by default), `type` and `pageSize` (1 to 500; 100 by default).
    /// The times are those of acceptance, which event locators contain.
    ///
    /// # Errors
    ///
    /// 400 with one error for each invalid parameter.
    pub fn parse(request: &Request, now: Timestamp, retention: Duration) -> Result<Self, SocotraFailure> {
        let (parameters, mut problems) = (Parameters::of(request), Problems::default());
        // All listed events are already accepted, and none is older than what is kept.
        let latest = EventId::new(now.plus(Duration::from_millis(1)), 0).previous();
        let kept = retention.saturating_add(BEYOND_RETENTION).as_millis();
        let earliest = now.0.saturating_sub(i64::try_from(kept).unwrap_or(i64::MAX)).max(0);
        let earliest = EventId::new(Timestamp(earliest), 0);
        if let Some(text) = parameters.text("pagingToken") {
            for other in ["startTimestamp", "endTimestamp", "type", "pageSize"] {
                if parameters.text(other).is_some() {
                    problems.add(other, "must not be given together with pagingToken");
                }
            }
            let token = PagingToken::parse(text).filter(|token| (1..=MOST_SIZE).contains(&token.size));
            let Some(token) = token else {
                problems.add("pagingToken", "must be one that this list has given");
                return problems.finish(()).and(Err(SocotraFailure::Internal));
            };
            let (from, to) = (token.from.max(earliest), token.to.min(latest));
            return problems
                .finish(Self { span: EventSpan { from, to, event_type: token.event_type }, size: token.size });
        }
        let start = parameters.moment("startTimestamp", &mut problems);
        let end = parameters.moment("endTimestamp", &mut problems);
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            problems.add("endTimestamp", "must not be before startTimestamp");
        }
        let size = parameters.integer("pageSize", 1, MOST_SIZE, &mut problems).unwrap_or(DEFAULT_SIZE);
        let from = start.map_or(earliest, |start| EventId::new(start, 0).max(earliest));
        let span = match end.map(|end| EventId::new(end, 0)) {
            // No id comes before the first one, so the span is empty.
            Some(end) if end.number() == 0 => EventSpan { from: latest.next(), to: latest, event_type: None },
            Some(end) => EventSpan { from, to: end.previous().min(latest), event_type: None },
            None => EventSpan { from, to: latest, event_type: None },
        };
        let event_type = parameters.text("type").map(str::to_owned);
        problems.finish(Self { span: EventSpan { event_type, ..span }, size })
    }
}

/// A page of events, in the order of their acceptance.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "EventListResponse"))]
pub struct EventListBody {
    paging_token: Option<String>,
    #[cfg_attr(feature = "openapi", schemars(with = "Vec<SocotraEvent<'static>>"))]
    events: Vec<Box<RawValue>>,
}

impl EventListBody {
    /// Builds the page from the events that were found. If they do not all fit into one reply, the page is cut short.
    /// It has a token if more events follow.
    #[must_use]
    pub fn new(query: &EventQuery, found: &FoundEvents) -> Self {
        let events = event_bodies(&found.events);
        let next = found.events.get(events.len()).map(|event| event.id).or(found.next);
        let paging_token = next.map(|from| {
            let EventSpan { to, event_type, .. } = query.span.clone();
            PagingToken { from, to, event_type, size: query.size }.text()
        });
        Self { paging_token, events }
    }
}

/// Serializes the first events, as many as fit into one reply. They have the form in which webhooks receive them.
#[must_use]
pub fn event_bodies(events: &[Event]) -> Vec<Box<RawValue>> {
    fitting(events.iter().map(SocotraEvent::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::parameters::tests::asking, *};
    use crate::domain::{JsonText, OrganizationId};

    const NOW: Timestamp = Timestamp(1_743_416_100_000);
    const MONTH: Duration = Duration::from_secs(30 * 86_400);

    fn parsed(query: &[(&str, &str)]) -> Result<EventQuery, SocotraFailure> {
        EventQuery::parse(&asking(query), NOW, MONTH)
    }

    fn times(query: &EventQuery) -> (String, String) {
        (query.span.from.time().to_string(), query.span.to.time().to_string())
    }

    fn event(number: u128, size: usize) -> Event {
        let organization = OrganizationId::parse("acme").unwrap();
        let data = JsonText::of(&json!({"x": "x".repeat(size)})).unwrap();
        Event::new(EventId::new(NOW, number), organization, "a".to_owned(), NOW, data)
    }

    #[test]
    fn the_span_is_what_is_kept_unless_narrowed() {
        let all = parsed(&[]).unwrap();
        assert_eq!(times(&all), ("2025-02-27T10:15:00.000Z".to_owned(), NOW.to_string()));
        assert_eq!((all.size, all.span.event_type), (100, None));
        let beyond = [("startTimestamp", "1970-01-01T00:00:00Z"), ("endTimestamp", "9999-01-01T00:00:00Z")];
        assert_eq!(times(&parsed(&beyond).unwrap()), times(&parsed(&[]).unwrap()));
        let some = parsed(&[("startTimestamp", "2025-03-01T00:00:00Z"), ("endTimestamp", "2025-03-02T00:00:00+01:00")]);
        assert_eq!(
            times(&some.unwrap()),
            ("2025-03-01T00:00:00.000Z".to_owned(), "2025-03-01T22:59:59.999Z".to_owned())
        );
        let none = parsed(&[("endTimestamp", "1970-01-01T00:00:00Z")]).unwrap();
        assert!(none.span.from > none.span.to);
        assert!(parsed(&[("startTimestamp", "0000-01-01T00:00:00Z")]).is_ok());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let fields = |query: &[(&str, &str)]| match parsed(query) {
            Err(SocotraFailure::Invalid(errors)) => {
                errors.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" ")
            }
            other => format!("{other:?}"),
        };
        let all = [("startTimestamp", "x"), ("endTimestamp", "y"), ("pageSize", "0")];
        assert_eq!(fields(&all), "startTimestamp endTimestamp pageSize");
        let turned = [("startTimestamp", "2025-03-02T00:00:00Z"), ("endTimestamp", "2025-03-01T00:00:00Z")];
        assert_eq!(fields(&turned), "endTimestamp");
        assert_eq!(fields(&[("pagingToken", "x"), ("type", "a"), ("pageSize", "5")]), "type pageSize pagingToken");
    }

    #[test]
    fn a_token_stands_for_the_other_parameters() {
        let query = parsed(&[("type", "a"), ("pageSize", "2")]).unwrap();
        let events = vec![event(1, 1), event(2, 1)];
        let found = FoundEvents { events, next: Some(EventId::new(NOW, 3)) };
        let token = EventListBody::new(&query, &found).paging_token.unwrap();
        let next = parsed(&[("pagingToken", &token)]).unwrap();
        let span = EventSpan { from: EventId::new(NOW, 3), ..query.span };
        assert_eq!(next, EventQuery { span, size: 2 });
    }

    #[test]
    fn a_page_is_cut_before_it_becomes_too_large_for_lambda() {
        let query = parsed(&[]).unwrap();
        let found = FoundEvents { events: (0..30).map(|n| event(n, 256 * 1024 - 10)).collect(), next: None };
        let page = EventListBody::new(&query, &found);
        assert_eq!(page.events.len(), 19);
        let token = PagingToken::parse(&page.paging_token.unwrap()).unwrap();
        assert_eq!(token.from, found.events[19].id);
        let page = EventListBody::new(&query, &FoundEvents::default()).paging_token;
        assert_eq!(page, None);
    }
}
