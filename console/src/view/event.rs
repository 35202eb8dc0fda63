//! One event: where it went, and why not elsewhere.

use maud::{Markup, html};
use shared::{
    api::operations::{EventDelivery, NotQueued},
    domain::{DeliveryState, Event},
};

use super::{Frame, parts};
use crate::time;

/// What the page shows.
pub(crate) struct Content<'a> {
    pub(crate) event: &'a Event,
    pub(crate) deliveries: &'a [EventDelivery],
    pub(crate) not_queued: &'a [NotQueued],
    pub(crate) reason: Option<&'a str>,
}

/// The most webhooks that are shown.
const MOST: usize = 50;

/// The page.
pub(crate) fn content(frame: &Frame, page: &Content<'_>) -> Markup {
    let event = page.event;
    html! {
        nav.crumbs aria-label="Where you are" { a href=(frame.link("/events")) { "Events" } }
        h1 { (event.event_type) }
        div #fresh data-fresh {
            section aria-labelledby="went" {
                h2 #went { "Where it went" }
                @if let Some(reason) = page.reason { p { b { "Nowhere. " } (reason) } }
                @if !page.deliveries.is_empty() { (table(frame, page)) }
                @if page.deliveries.len() > MOST {
                    p.help { "And to " (page.deliveries.len() - MOST) " more webhooks. The operations API lists them all." }
                }
                @if !page.not_queued.is_empty() {
                    h3 { "Not to these, though they subscribe to its type" }
                    ul.plain {
                        @for one in page.not_queued.iter().take(MOST) {
                            li { a href=(frame.link(&format!("/webhooks/{}", one.webhook))) { code { (one.webhook) } } ": " (one.reason) }
                        }
                    }
                }
            }
            (parts::facts(&[
                ("Id", html! { code { (event.id) } }),
                ("Project", parts::or_dash(event.project.as_deref())),
                ("Accepted", time::relative(event.id.time(), frame.now)),
                ("Happened", time::relative(event.time, frame.now)),
                ("User", parts::or_dash(event.user.as_deref())),
                ("Request", parts::or_dash(event.request.as_deref())),
                ("Ordering key", parts::or_dash(event.ordering_key.as_deref())),
            ]))
        }
        section aria-labelledby="event" {
            h2 #event { "Data" }
            (parts::document("data", "Data of the event", event.data.as_str()))
        }
    }
}

fn table(frame: &Frame, page: &Content<'_>) -> Markup {
    html! {
        table.list {
            caption.hidden { "Deliveries of this event" }
            thead { tr { th scope="col" { "Webhook" } th scope="col" { "State" } th scope="col" { "Last status" } th scope="col" { "Reason" } } }
            tbody {
                @for one in page.deliveries.iter().take(MOST) {
                    tr {
                        th scope="row" {
                            a.name href=(frame.link(&format!("/webhooks/{}/deliveries/{}", one.webhook, page.event.id))) { (one.webhook) }
                        }
                        td data-label="State" { (parts::delivery_state(one.state)) }
                        td data-label="Last status" { @match one.last_status { Some(status) => { "HTTP " (status) } None => "–" } }
                        td data-label="Reason" {
                            @match (&one.reason, one.state) {
                                (Some(reason), _) => (parts::short(reason)),
                                (None, DeliveryState::Pending) => "it waits for its turn",
                                (None, _) => "–",
                            }
                        }
                    }
                }
            }
        }
    }
}
