//! The first page: what is in trouble, how many webhooks are in each state, and the last 24 hours.

use maud::{Markup, html};
use shared::{
    api::operations::{State, StateCounts, SummaryBody, Trouble, TroubleBody},
    domain::Moment,
};

use super::{Frame, parts};
use crate::{
    picture::{Hour, hours},
    time,
};

/// The most webhooks in trouble that are shown. Who has more of them looks at the list.
const MOST_TROUBLE: usize = 12;

/// The page.
pub(crate) fn content(frame: &Frame, summary: &SummaryBody) -> Markup {
    html! {
        h1 { "Overview" }
        div #fresh data-fresh {
            (counts(frame, &summary.states))
            section aria-labelledby="trouble" {
                h2 #trouble { "In trouble" }
                (trouble(frame, &summary.trouble))
            }
            section aria-labelledby="day" {
                h2 #day { "The last 24 hours" }
                (picture(&summary.history, "day"))
            }
        }
        section.find aria-labelledby="find" {
            h2 #find { "Where did my event go?" }
            form method="get" action=(frame.link("/events")) {
                label for="event" { "The event's id, as the reply to " code { "POST /events" } " gave it" }
                div.row { input #event name="id" placeholder="01JQNX4T2B0000000000000001" spellcheck="false"; button { "Find" } }
            }
        }
    }
}

/// A picture of 24 hours with its table.
pub(crate) fn picture(history: &[shared::api::operations::HourBody], id: &str) -> Markup {
    let of = |hour: &shared::api::operations::HourBody| Hour {
        start: hour.hour.0,
        delivered: hour.delivered,
        failed: hour.failed,
        diverted: hour.diverted,
    };
    hours(id, &history.iter().map(of).collect::<Vec<_>>())
}

fn counts(frame: &Frame, counts: &StateCounts) -> Markup {
    let StateCounts { delivering, retrying, paused, suspended, inactive } = *counts;
    let all = [
        (State::Delivering, delivering),
        (State::Retrying, retrying),
        (State::Paused, paused),
        (State::Suspended, suspended),
        (State::Inactive, inactive),
    ];
    html! {
        ul.counts aria-label="Webhooks by state" {
            @for (state, count) in all {
                li { a href=(frame.link(&format!("/webhooks?state={}", state.as_str()))) { b { (count) } (parts::state(state)) } }
            }
        }
    }
}

fn trouble(frame: &Frame, all: &[TroubleBody]) -> Markup {
    if all.is_empty() {
        return html! { p.fine { span.state.delivering {} "Nothing is in trouble." } };
    }
    html! {
        ul.trouble {
            @for one in all.iter().take(MOST_TROUBLE) {
                @let webhook = &one.webhook;
                li {
                    a.name href=(frame.link(&format!("/webhooks/{}", webhook.id))) { (parts::name(webhook)) }
                    " " (parts::state(webhook.state))
                    p {
                        @for (at, trouble) in one.trouble.iter().enumerate() {
                            @if at > 0 { " " }
                            (words(frame, one, *trouble))
                        }
                    }
                    p.endpoint { (webhook.endpoint) }
                }
            }
        }
        @if all.len() > MOST_TROUBLE {
            p {
                "And " (all.len() - MOST_TROUBLE) " more, less urgent: see the webhooks that are "
                a href=(frame.link("/webhooks?state=suspended")) { "suspended" } " or "
                a href=(frame.link("/webhooks?state=retrying")) { "retrying" } "."
            }
        }
    }
}

fn words(frame: &Frame, one: &TroubleBody, trouble: Trouble) -> Markup {
    let webhook = &one.webhook;
    let since = |moment: Option<Moment>| {
        moment.map_or_else(String::new, |Moment(at)| format!(" for {}", time::span(frame.now.since(at))))
    };
    match trouble {
        Trouble::Suspended => html! {
            "Suspended" (since(webhook.since)) @if let Some(reason) = &webhook.reason { ": " (parts::short(reason)) } ". Events are kept."
        },
        Trouble::Failing => html! {
            "It is failing" (since(webhook.since)) @if let Some(reason) = &webhook.reason { ": " (parts::short(reason)) } ". Events are kept, and attempts go on."
        },
        Trouble::Waiting => html! {
            "An event has waited" (since(webhook.oldest_queued)) @if let Some(reason) = webhook.reason.as_ref().filter(|_| webhook.state == State::Retrying) { ": " (parts::short(reason)) } "."
        },
        Trouble::Diverted => html! {
            "Deliveries were set aside in the last 24 hours: "
            a href=(frame.link(&format!("/webhooks/{}?state=diverted", webhook.id))) { "see which are left" }
            "."
        },
        Trouble::Expired => {
            html! { "Deliveries have expired in the last 24 hours: they waited for longer than events are kept." }
        }
    }
}
