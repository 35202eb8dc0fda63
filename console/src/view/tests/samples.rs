//! Things to show, each text of which a test may choose.

use std::collections::BTreeMap;

use maud::Markup;
use shared::{
    api::{
        common::{AttemptBody, FieldError},
        operations::{
            DeliveredEvent, DeliveryBody, EventBody, EventDelivery, HourBody, ListBody, NotQueued, ResendBody,
            SentRequest, State, StateCounts, SummaryBody, TargetBody, TestBody, Trouble, TroubleBody, WebhookBody,
            WebhookDetailBody,
        },
    },
    domain::{
        Api, Attempt, Delivery, DeliveryState, Event, EventId, HISTORY_HOURS, JsonText, OrganizationId, TargetKind,
        Timestamp,
    },
};

use crate::{
    place::Place,
    view::{self, Frame, Notice, Section, Visitor},
};

/// 2025-03-31 10:15 UTC.
pub(super) const NOW: Timestamp = Timestamp(1_743_416_100_000);

fn before(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 - seconds * 1_000)
}

fn id(number: i64) -> EventId {
    EventId::new(before(number * 60), 7)
}

/// The frame of a visitor's page, all of whose texts are `text`.
pub(super) fn frame(text: &str, may_change: bool) -> Frame {
    let visitor = Visitor {
        organization: text.to_owned(),
        user: text.to_owned(),
        may_change,
        form_token: shared::domain::Secret::new("0123456789abcdef"),
    };
    Frame { place: Place::default(), now: NOW, visitor: Some(visitor), entered: true, notice: None }
}

/// A webhook in this state.
pub(super) fn webhook(text: &str, state: State) -> WebhookBody {
    let troubled = matches!(state, State::Retrying | State::Suspended);
    WebhookBody {
        id: "sdelements:7".to_owned(),
        api: Api::SdElements,
        name: text.to_owned(),
        endpoint: text.to_owned(),
        project: Some(text.to_owned()),
        event_types: vec![text.to_owned(), text.to_owned()],
        state,
        reason: troubled.then(|| text.to_owned()),
        since: troubled.then(|| before(7_200).into()),
        oldest_queued: (state != State::Delivering).then(|| before(5_400).into()),
        next_attempt: (state == State::Retrying).then(|| Timestamp(NOW.0 + 90_000).into()),
        last_success: Some(before(86_400).into()),
        last_failure: troubled.then(|| before(60).into()),
        created: before(900_000).into(),
        updated: before(900_000).into(),
    }
}

fn history(count: u32) -> Vec<HourBody> {
    let hour = |at: usize| HourBody {
        hour: before((HISTORY_HOURS - at) as i64 * 3_600).into(),
        delivered: count * at as u32,
        failed: count * u32::from(at > 20),
        diverted: count * u32::from(at == 23),
    };
    (0..HISTORY_HOURS).map(hour).collect()
}

fn delivery_body(text: &str, number: i64, state: DeliveryState) -> DeliveryBody {
    DeliveryBody {
        id: id(number),
        state,
        event: DeliveredEvent {
            r#type: Some(text.to_owned()),
            project: Some(text.to_owned()),
            time: Some(before(60).into()),
        },
        attempts: 2,
        last_status: (number % 2 == 0).then_some(500),
        last_failure: Some(text.to_owned()),
        reason: Some(text.to_owned()),
        queued: before(number * 60).into(),
        finished: (state != DeliveryState::Pending).then(|| before(30).into()),
    }
}

fn event(text: &str) -> Event {
    let organization = OrganizationId::parse("acme").unwrap();
    let data = JsonText::of(&serde_json::json!({ text: text, "n": 1 })).unwrap();
    let event = Event::new(id(3), organization, text.to_owned(), before(200), data);
    let given = || Some(text.to_owned());
    Event { project: given(), request: given(), user: given(), ordering_key: given(), ..event }
}

fn request(text: &str, body: &str) -> SentRequest {
    let headers = [("content-type", text), ("webhook-id", text), ("webhook-signature", "v1,***")];
    SentRequest {
        method: "POST",
        endpoint: text.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        body: body.to_owned(),
    }
}

fn errors(text: &str) -> Vec<FieldError> {
    vec![FieldError { field: text.to_owned(), message: text.to_owned() }]
}

fn whole(frame: &Frame, section: Section, content: &Markup) -> String {
    view::layout::page(frame, section, "Title", content).into_string()
}

/// The first page with this many webhooks in trouble.
pub(super) fn overview(frame: &Frame, text: &str, troubles: usize) -> String {
    let all = [
        (State::Suspended, vec![Trouble::Suspended, Trouble::Waiting]),
        (State::Retrying, vec![Trouble::Failing, Trouble::Waiting]),
        (State::Delivering, vec![Trouble::Diverted, Trouble::Expired]),
    ];
    let trouble = all.iter().cycle().take(troubles);
    let trouble =
        trouble.map(|(state, trouble)| TroubleBody { webhook: webhook(text, *state), trouble: trouble.clone() });
    let states = StateCounts { delivering: 12, retrying: 1, paused: 0, suspended: 1, inactive: 3 };
    let summary =
        SummaryBody { states, trouble: trouble.collect(), history: history(if troubles == 0 { 0 } else { 3 }) };
    whole(frame, Section::Overview, &view::overview::content(frame, &summary))
}

/// The list of webhooks, one in each state and then more of the same.
pub(super) fn webhooks(frame: &Frame, text: &str, count: usize) -> String {
    let items = State::ALL.iter().cycle().take(count).map(|state| webhook(text, *state)).collect();
    let list = ListBody { items, next: (count > 5).then(|| "cursor".to_owned()) };
    let filters = if count == 0 {
        view::webhooks::Filters::default()
    } else {
        view::webhooks::Filters {
            api: "flip".to_owned(),
            state: "paused".to_owned(),
            project: text.to_owned(),
            text: text.to_owned(),
        }
    };
    whole(frame, Section::Webhooks, &view::webhooks::content(frame, &filters, &list))
}

/// One webhook in this state, with this many deliveries.
pub(super) fn one_webhook(frame: &Frame, text: &str, state: State, deliveries: usize) -> String {
    let states = DeliveryState::ALL.iter().cycle().take(deliveries).enumerate();
    let items = states.map(|(at, state)| delivery_body(text, at as i64, *state)).collect();
    let detail = WebhookDetailBody {
        webhook: webhook(text, state),
        queued: deliveries * 3,
        more_queued: deliveries > 4,
        history: history(deliveries as u32),
    };
    let filters = view::webhook::Filters {
        state: "diverted".to_owned(),
        event_type: text.to_owned(),
        status: text.to_owned(),
        project: text.to_owned(),
    };
    let page = view::webhook::Content {
        webhook: &detail,
        signs: deliveries > 0,
        filters: &filters,
        deliveries: &ListBody { items, next: (deliveries > 4).then(|| "cursor".to_owned()) },
        old_secret_until: (deliveries > 3).then_some(Timestamp(NOW.0 + 3_600_000)),
        change_url: Some("/webhooks/sdelements:7/url".to_owned()),
        retention: std::time::Duration::from_secs(30 * 86_400),
    };
    whole(frame, Section::Webhooks, &view::webhook::content(frame, &page))
}

/// One delivery in this state, with this many attempts; with the body of what is sent, or after the event has expired.
pub(super) fn delivery(frame: &Frame, text: &str, state: DeliveryState, attempts: u32, body: Option<&str>) -> String {
    let attempt = |number: u32| Attempt {
        at: before(i64::from((attempts - number) * 300)),
        status: (!number.is_multiple_of(3)).then_some(503),
        duration_ms: 1_234,
        failure: (number + 1 < attempts || state != DeliveryState::Delivered).then(|| text.to_owned()),
    };
    let delivery = Delivery {
        event: id(3),
        event_type: Some(text.to_owned()),
        project: Some(text.to_owned()),
        state,
        queued: before(600),
        finished: (state != DeliveryState::Pending).then(|| before(30)),
        reason: matches!(state, DeliveryState::Diverted | DeliveryState::Discarded).then(|| text.to_owned()),
        attempts: (0..attempts).map(attempt).collect(),
    };
    let (event, request) = (body.map(|_| event(text)), body.map(|body| request(text, body)));
    let webhook = webhook(text, if state == DeliveryState::Pending { State::Retrying } else { State::Delivering });
    let page = view::delivery::Content {
        webhook: &webhook,
        delivery: &delivery,
        event: event.as_ref(),
        request: request.as_ref(),
    };
    whole(frame, Section::Webhooks, &view::delivery::content(frame, &page))
}

/// The events of a day.
pub(super) fn events(frame: &Frame, text: &str, count: i64) -> String {
    let item = |number| EventBody {
        id: id(number),
        r#type: text.to_owned(),
        project: Some(text.to_owned()),
        time: before(number * 60).into(),
        accepted: before(number * 60).into(),
    };
    let events = ListBody { items: (0..count).map(item).collect(), next: (count > 5).then(|| "cursor".to_owned()) };
    let filters = view::events::Filters { event_type: text.to_owned(), project: text.to_owned() };
    let page = view::events::Content {
        day: "2025-03-31",
        earlier: "2025-03-30",
        later: (count == 0).then_some("2025-04-01"),
        filters: &filters,
        events: &events,
        may_publish: frame.may_change(),
    };
    whole(frame, Section::Events, &view::events::content(frame, &page))
}

/// One event, which went to a webhook for each state of a delivery, or nowhere.
pub(super) fn one_event(frame: &Frame, text: &str, went: bool) -> String {
    let delivery = |state: &DeliveryState| EventDelivery {
        webhook: "flip:0b0c9a5e".to_owned(),
        state: *state,
        last_status: (*state == DeliveryState::Delivered).then_some(200),
        reason: (*state == DeliveryState::Diverted).then(|| text.to_owned()),
    };
    let deliveries: Vec<_> = DeliveryState::ALL.iter().filter(|_| went).map(delivery).collect();
    let not_queued = [NotQueued { webhook: "sdelements:7".to_owned(), reason: "It is inactive." }];
    let page = view::event::Content {
        event: &event(text),
        deliveries: &deliveries,
        not_queued: &not_queued,
        reason: (!went).then_some("No webhook that subscribes to events of this type was to get this one."),
    };
    whole(frame, Section::Events, &view::event::content(frame, &page))
}

fn target(text: &str, kind: TargetKind, state: State) -> TargetBody {
    TargetBody {
        id: "01JQNX4T2B0000000000000001".to_owned(),
        kind,
        name: text.to_owned(),
        url: text.to_owned(),
        event_types: vec![text.to_owned()],
        active: true,
        state,
        reason: (state == State::Suspended).then(|| text.to_owned()),
        created: NOW.into(),
        updated: NOW.into(),
        signing_secret: None,
    }
}

/// The notification targets, with a form that was filled in wrong if there are any.
pub(super) fn targets(frame: &Frame, text: &str, count: usize) -> String {
    let all = [(TargetKind::Slack, State::Delivering), (TargetKind::Webhook, State::Suspended)];
    let items = all.iter().cycle().take(count).map(|(kind, state)| target(text, *kind, *state)).collect();
    let list = ListBody { items, next: (count > 5).then(|| "cursor".to_owned()) };
    let typed = view::target::Typed {
        kind: "webhook".to_owned(),
        name: text.to_owned(),
        url: text.to_owned(),
        event_types: Some(vec!["outhook.webhook.failing".to_owned()]),
        active: true,
    };
    let (typed, errors) = if count == 0 { Default::default() } else { (typed, errors(text)) };
    whole(frame, Section::Notifications, &view::targets::content(frame, &list, &typed, &errors))
}

/// The form of one target.
pub(super) fn one_target(frame: &Frame, text: &str) -> String {
    let typed = view::target::Typed::from(&target(text, TargetKind::Slack, State::Delivering));
    let content = view::target::content(frame, "01JQNX4T2B0000000000000001", &typed, &errors(text));
    whole(frame, Section::Notifications, &content)
}

/// The form of a new webhook of an API, filled in wrong, with a preview and a test that failed.
pub(super) fn new_webhook(frame: &Frame, text: &str, api: Api) -> String {
    let typed = view::new_webhook::Typed {
        name: text.to_owned(),
        url: text.to_owned(),
        description: text.to_owned(),
        project: text.to_owned(),
        ticked: vec![text.to_owned()],
        types: text.to_owned(),
    };
    let attempt = AttemptBody { at: NOW.into(), status: Some(404), duration_ms: 33, failure: Some(text.to_owned()) };
    let test = TestBody { request: request(text, text), attempt };
    let page = view::new_webhook::Content {
        api,
        typed: &typed,
        offered: &[text.to_owned(), "order.created".to_owned()],
        errors: &errors(text),
        preview: Some(&request(text, text)),
        test: Some(&test),
    };
    whole(frame, Section::Webhooks, &view::new_webhook::content(frame, &page))
}

/// Pages that say one thing: the choice of an API, a test, secrets, a span to resend, a question, failures, entering.
pub(super) fn small(frame: &Frame, text: &str) -> Vec<(&'static str, String)> {
    let webhook = webhook(text, State::Suspended);
    let attempt = AttemptBody { at: NOW.into(), status: None, duration_ms: 10_000, failure: Some(text.to_owned()) };
    let test = TestBody { request: request(text, text), attempt };
    let secret = shared::domain::Secret::new(text);
    let rotation = shared::api::operations::RotationBody {
        signing_secret: secret,
        old_secret_valid_until: Timestamp(NOW.0 + 3_600_000).into(),
    };
    let typed = view::resend::Typed { state: "diverted".to_owned(), after: text.to_owned(), before: text.to_owned() };
    let found = |matching, more| Some(ResendBody { matching, more });
    let resend = |found, errors: &[FieldError]| view::resend::content(frame, &webhook, &typed, found, errors);
    let with = |content: &Markup| whole(frame, Section::Webhooks, content);
    let outside = Frame { visitor: None, entered: false, notice: Some(Notice::Left), ..frame.clone() };
    vec![
        ("choice", with(&view::new_webhook::choice(frame, &Api::ALL[..4]))),
        ("no_choice", with(&view::new_webhook::choice(frame, &[]))),
        ("created", with(&view::new_webhook::created(frame, "/webhooks/flip:a", text))),
        ("target_created", with(&view::target::created(frame, text, text))),
        ("test", with(&view::test::content(frame, &webhook, &test))),
        ("change_url", with(&view::new_url::content(frame, &webhook, text, &errors(text)))),
        ("rotate", with(&view::secret::content(frame, &webhook))),
        ("rotated", with(&view::secret::rotated(frame, &webhook, &rotation))),
        ("resend_wrong", with(&resend(None, &errors(text)))),
        ("resend_none", with(&resend(found(0, false), &[]))),
        ("resend_many", with(&resend(found(10_000, true), &[]))),
        ("confirm", with(&view::confirm::page(frame, text, "Delete", "/x/delete", "/x"))),
        ("failure", view::failure::page(frame, "That cannot be shown", text, &errors(text)).into_string()),
        ("entry", view::entry::page(&outside, text, Some(text)).into_string()),
        ("welcome", view::entry::welcome(&outside, text).into_string()),
    ]
}
