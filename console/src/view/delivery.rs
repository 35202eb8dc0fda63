//! One delivery: its attempts, what was sent, and the event.

use maud::{Markup, html};
use shared::{
    api::operations::{SentRequest, State, WebhookBody},
    domain::{Attempt, Delivery, DeliveryState, Event},
};

use super::{Frame, parts, sent};
use crate::{
    picture::{self, attempts},
    time,
};

/// What the page shows.
pub(crate) struct Content<'a> {
    pub(crate) webhook: &'a WebhookBody,
    pub(crate) delivery: &'a Delivery,
    pub(crate) event: Option<&'a Event>,
    pub(crate) request: Option<&'a SentRequest>,
}

/// Of how many attempts the answers are shown. The table of the time line has all attempts.
const LAST_ATTEMPTS: usize = 5;

/// The page.
pub(crate) fn content(frame: &Frame, page: &Content<'_>) -> Markup {
    let (webhook, delivery) = (page.webhook, page.delivery);
    let at = format!("/webhooks/{}/deliveries/{}", webhook.id, delivery.event);
    html! {
        (parts::crumbs(frame, webhook))
        div.head {
            h1 { (kind(page)) }
            @if frame.may_change() {
                div.row {
                    @if delivery.state != DeliveryState::Pending { (parts::button(frame, &format!("{at}/resend"), "Resend", "", &[])) }
                    @if delivery.state == DeliveryState::Diverted {
                        (parts::sure_button(frame, &format!("{at}/delete"), "Delete", "Delete this delivery?"))
                    }
                }
            }
        }
        div #fresh data-fresh {
            (why(frame, page))
            (parts::facts(&[
                ("Event", html! { a href=(frame.link(&format!("/events/{}", delivery.event))) { code { (delivery.event) } } }),
                ("Project", parts::or_dash(page.event.and_then(|event| event.project.as_deref()).or(delivery.project.as_deref()))),
                ("Queued", time::relative(delivery.queued, frame.now)),
                ("Finished", parts::when(frame, delivery.finished.map(Into::into))),
            ]))
            section aria-labelledby="attempts" {
                h2 #attempts { "Attempts" }
                (log(frame, page))
            }
        }
        section aria-labelledby="sent" {
            h2 #sent { @if delivery.attempts.is_empty() { "What will be sent" } @else { "What was sent" } }
            @match page.request {
                Some(request) => (sent::request(frame, request)),
                None => p.empty { "The event has expired, so what was sent cannot be shown any more." },
            }
        }
        @if let Some(event) = page.event {
            section aria-labelledby="event" {
                h2 #event { "The event's data" }
                (parts::document("data", "Data of the event", event.data.as_str()))
            }
        }
    }
}

fn kind<'a>(page: &Content<'a>) -> &'a str {
    page.event.map(|event| event.event_type.as_str()).or(page.delivery.event_type.as_deref()).unwrap_or("Delivery")
}

/// The state, and why it is so.
fn why(frame: &Frame, page: &Content<'_>) -> Markup {
    let delivery = page.delivery;
    let last = delivery.attempts.last().and_then(|attempt| attempt.failure.as_deref());
    let (words, reason) = match delivery.state {
        DeliveryState::Delivered => ("The endpoint accepted it.", None),
        DeliveryState::Pending if matches!(page.webhook.state, State::Paused | State::Suspended | State::Inactive) => {
            (waiting(page.webhook), last.or(page.webhook.reason.as_deref()))
        }
        DeliveryState::Pending if delivery.attempts.is_empty() => {
            (waiting(page.webhook), page.webhook.reason.as_deref())
        }
        DeliveryState::Pending => ("It waits for its next attempt.", last),
        DeliveryState::Diverted => (
            "It was set aside, so that it does not hold up others. Put right what the reason says, then resend it.",
            delivery.reason.as_deref().or(last),
        ),
        DeliveryState::Discarded => {
            ("It will not be sent any more, unless it is resent.", delivery.reason.as_deref().or(last))
        }
    };
    html! {
        div class={ "why " (delivery.state.as_str()) } {
            p { (parts::delivery_state(delivery.state)) @if let Some(reason) = reason { ": " b { (reason) } } }
            p {
                (words)
                @if delivery.state == DeliveryState::Pending {
                    @if let Some(next) = page.webhook.next_attempt { " The next attempt of this webhook is " (time::relative(next.0, frame.now)) "." }
                }
            }
        }
    }
}

/// Why nothing was sent yet.
fn waiting(webhook: &WebhookBody) -> &'static str {
    match webhook.state {
        State::Delivering => "It is about to be sent.",
        State::Retrying => "An earlier delivery of this webhook fails, and deliveries are sent in order.",
        State::Paused => "The webhook is paused. It will be sent when the webhook is resumed.",
        State::Suspended => "The webhook is suspended. It will be sent when the webhook is resumed.",
        State::Inactive => "The webhook is inactive. It will be sent when the webhook is active again.",
    }
}

fn log(frame: &Frame, page: &Content<'_>) -> Markup {
    let all = &page.delivery.attempts;
    if all.is_empty() {
        return html! { p.empty { "None yet." } };
    }
    let of = |attempt: &Attempt| picture::Attempt {
        at: attempt.at,
        status: attempt.status,
        duration_ms: attempt.duration_ms,
        failed: attempt.failure.is_some(),
    };
    let next = page.webhook.next_attempt.map(|next| next.0).filter(|_| page.delivery.state == DeliveryState::Pending);
    html! {
        (attempts("log", &all.iter().map(of).collect::<Vec<_>>(), next))
        ol.attempts {
            @for attempt in all.iter().rev().take(LAST_ATTEMPTS) {
                li class=(if attempt.failure.is_some() { "bad" } else { "ok" }) {
                    b { @match attempt.status { Some(status) => { "HTTP " (status) } None => "No answer" } }
                    " in " (time::took(attempt.duration_ms)) ", " (time::relative(attempt.at, frame.now))
                    @if let Some(failure) = &attempt.failure { pre.failure { (failure) } }
                }
            }
        }
    }
}
