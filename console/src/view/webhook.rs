//! One webhook: its state, its last 24 hours and its deliveries.

use std::time::Duration;

use maud::{Markup, html};
use shared::{
    api::operations::{DeliveryBody, ListBody, State, WebhookDetailBody},
    domain::{DeliveryState, EventId, Timestamp},
};

use super::{Frame, overview::picture, parts};
use crate::{picture::age, time};

/// The filters of the deliveries, as they were typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pub(crate) state: String,
    pub(crate) event_type: String,
    pub(crate) status: String,
    pub(crate) project: String,
}

/// What the page shows.
pub(crate) struct Content<'a> {
    pub(crate) webhook: &'a WebhookDetailBody,
    /// Whether its messages are signed, so that it has a secret to rotate.
    pub(crate) signs: bool,
    pub(crate) filters: &'a Filters,
    pub(crate) deliveries: &'a ListBody<DeliveryBody>,
    /// Until when the secret before the present one also signs.
    pub(crate) old_secret_until: Option<Timestamp>,
    /// Where the URL can be changed, if the visitor may.
    pub(crate) change_url: Option<String>,
    /// For how long an undelivered event is kept.
    pub(crate) retention: Duration,
}

/// The page.
pub(crate) fn content(frame: &Frame, page: &Content<'_>) -> Markup {
    let (detail, webhook) = (page.webhook, &page.webhook.webhook);
    html! {
        nav.crumbs aria-label="Where you are" { a href=(frame.link("/webhooks")) { "Webhooks" } }
        div.head {
            h1 { (parts::name(webhook)) }
            @if frame.may_change() {
                div.row {
                    (parts::form(frame, "/webhooks", &html! { div.row { (parts::actions(frame, webhook, false)) } }))
                    @if let Some(path) = &page.change_url { a.button.quiet href=(frame.link(path)) { "Change the URL" } }
                    @if page.signs { a.button.quiet href=(frame.link(&format!("/webhooks/{}/rotate-secret", webhook.id))) { "Rotate the secret" } }
                }
            }
        }
        div #fresh data-fresh {
            (why(frame, page))
            (parts::facts(&[
                ("Endpoint", html! { span.endpoint { (webhook.endpoint) } }),
                ("API", html! { (webhook.api.as_str()) }),
                ("Id", html! { code { (webhook.id) } }),
                ("Project", parts::or_dash(webhook.project.as_deref())),
                ("Event types", types(&webhook.event_types)),
                ("Waiting", html! { (detail.queued) @if detail.more_queued { " or more" } }),
                ("Next attempt", parts::when(frame, webhook.next_attempt)),
                ("Last success", parts::when(frame, webhook.last_success)),
                ("Last failure", parts::when(frame, webhook.last_failure)),
                ("Created", parts::when(frame, Some(webhook.created))),
            ]))
            @if let Some(end) = page.old_secret_until.filter(|end| *end > frame.now) {
                p { "The secret before the present one also signs until " (time::exact(end)) "." }
            }
            div.pictures {
                section aria-labelledby="day" {
                    h2 #day { "The last 24 hours" }
                    (picture(&detail.history, "day"))
                }
                @if let Some(oldest) = webhook.oldest_queued.filter(|_| matches!(webhook.state, State::Delivering | State::Retrying)) {
                    section aria-labelledby="waiting" {
                        h2 #waiting { "The oldest event that waits" }
                        (age("age", Some(frame.now.since(oldest.0)), page.retention))
                    }
                }
            }
            section aria-labelledby="deliveries" {
                div.head {
                    h2 #deliveries { "Deliveries" }
                    @if frame.may_change() { a.button.quiet href=(frame.link(&format!("/webhooks/{}/resend", webhook.id))) { "Resend many" } }
                }
                (filters(frame, page))
                @if page.deliveries.items.is_empty() { (nothing(page)) } @else { (table(frame, page)) }
                (parts::next(page.deliveries.next.as_ref().map(|cursor| link(frame, page, cursor))))
            }
        }
    }
}

/// The state, with the reason and what helps.
fn why(frame: &Frame, page: &Content<'_>) -> Markup {
    let webhook = &page.webhook.webhook;
    let failure =
        page.deliveries.items.iter().find(|one| one.state == DeliveryState::Pending && one.last_failure.is_some());
    html! {
        div class={ "why " (webhook.state.as_str()) } {
            p {
                (parts::state(webhook.state))
                @if webhook.since.is_some() { " " (parts::when(frame, webhook.since)) }
                @if let Some(reason) = &webhook.reason { ": " b { (reason) } }
            }
            @if webhook.state == State::Retrying {
                @if let Some(failure) = failure.and_then(|one| one.last_failure.as_deref()) { p { "The last answer: " b { (parts::short(failure)) } } }
            }
            p { (help(webhook.state)) }
        }
    }
}

/// What a state means, and what helps.
fn help(state: State) -> &'static str {
    match state {
        State::Delivering => "Events are delivered as they come.",
        State::Retrying => {
            "Events are kept and the attempt is repeated, less and less often. The deliveries below say what the endpoint answered. A new URL, header or secret makes the next attempt at once."
        }
        State::Paused => "The owner has stopped delivery. Events are kept; Resume delivers them in order.",
        State::Suspended => {
            "The system has stopped delivery after failures. Events are kept. Put the endpoint right, send a test, then Resume."
        }
        State::Inactive => "The owner has switched the webhook off through its API. New events are not queued for it.",
    }
}

fn types(types: &[String]) -> Markup {
    html! {
        @if types.is_empty() { span.none { "none: it gets nothing" } }
        @for (at, one) in types.iter().enumerate() { @if at > 0 { ", " } code { (one) } }
    }
}

fn filters(frame: &Frame, page: &Content<'_>) -> Markup {
    let states: Vec<_> = DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
    let Filters { state, event_type, status, project } = page.filters;
    html! {
        form.filters method="get" action=(frame.link(&format!("/webhooks/{}", page.webhook.webhook.id))) role="search" {
            div { (parts::select("state", "state", "State", state, &states)) }
            div { (parts::line("type", "type", "Event type", event_type, "")) }
            div { (parts::line("status", "status", "Last status", status, "")) }
            div { (parts::line("project", "project", "Project", project, "")) }
            div { button { "Filter" } }
        }
    }
}

fn link(frame: &Frame, page: &Content<'_>, cursor: &str) -> String {
    let Filters { state, event_type, status, project } = page.filters;
    let query = parts::query(&[
        ("state", state),
        ("type", event_type),
        ("status", status),
        ("project", project),
        ("cursor", cursor),
    ]);
    frame.link(&format!("/webhooks/{}{query}", page.webhook.webhook.id))
}

fn nothing(page: &Content<'_>) -> Markup {
    let Filters { state, event_type, status, project } = page.filters;
    let filtered = [state, event_type, status, project].iter().any(|text| !text.is_empty());
    let words = match (page.deliveries.next.is_some(), filtered) {
        (true, _) => "None among those that were looked at. The next page looks further.",
        (false, true) => "No delivery matches the filters.",
        (false, false) => "Nothing has been sent to this webhook yet.",
    };
    html! { p.empty { (words) } }
}

fn table(frame: &Frame, page: &Content<'_>) -> Markup {
    html! {
        table.list.sent {
            caption.hidden { "Deliveries, newest first" }
            thead { tr {
                th scope="col" { "Event" } th scope="col" { "State" } th scope="col" { "Last answer" }
                th.number scope="col" { "Attempts" } th scope="col" { "Queued" } th scope="col" { "Finished" }
            } }
            tbody { @for delivery in &page.deliveries.items { (row(frame, &page.webhook.webhook.id, delivery)) } }
        }
    }
}

fn row(frame: &Frame, webhook: &str, delivery: &DeliveryBody) -> Markup {
    let event = &delivery.event;
    html! {
        tr {
            th scope="row" {
                a.name href=(frame.link(&format!("/webhooks/{webhook}/deliveries/{}", delivery.id))) {
                    (event.r#type.as_deref().unwrap_or("event")) span.hidden { " " (end_of(delivery.id)) }
                }
                @if let Some(project) = &event.project { div.sub { "project " (project) } }
            }
            td { (parts::delivery_state(delivery.state)) @if let Some(reason) = &delivery.reason { div.sub { (parts::short(reason)) } } }
            td {
                @match (delivery.last_status, &delivery.last_failure) {
                    (Some(status), _) => { "HTTP " (status) }
                    (None, Some(failure)) => (parts::short(failure)),
                    (None, None) => "–",
                }
            }
            td.number { (delivery.attempts) }
            td { (parts::when(frame, Some(delivery.queued))) }
            td { (parts::when(frame, delivery.finished)) }
        }
    }
}

/// The last characters of an event's id, which tell events of one type apart for those who hear the page.
fn end_of(id: EventId) -> String {
    id.to_string().chars().skip(18).collect()
}
