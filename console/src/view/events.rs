//! The events of one day, newest first.

use maud::{Markup, html};
use shared::api::operations::{EventBody, ListBody};

use super::{Frame, parts};

/// The filters, as they were typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pub(crate) event_type: String,
    pub(crate) project: String,
}

/// What the page shows.
pub(crate) struct Content<'a> {
    /// The day in UTC, for example `2025-03-31`.
    pub(crate) day: &'a str,
    /// The day before.
    pub(crate) earlier: &'a str,
    /// The day after; `None` on the present day.
    pub(crate) later: Option<&'a str>,
    pub(crate) filters: &'a Filters,
    pub(crate) events: &'a ListBody<EventBody>,
    /// Whether the visitor may publish.
    pub(crate) may_publish: bool,
}

/// The page.
pub(crate) fn content(frame: &Frame, page: &Content<'_>) -> Markup {
    html! {
        div.head {
            h1 { "Events" }
            @if page.may_publish { (parts::button(frame, "/events/test", "Publish a test event", "", &[])) }
        }
        form.filters method="get" action=(frame.link("/events")) role="search" {
            div { (parts::line("id", "id", "Event id", "", "")) }
            div { (parts::line("type", "type", "Type", &page.filters.event_type, "")) }
            div { (parts::line("project", "project", "Project", &page.filters.project, "")) }
            div { label for="day" { "Day (UTC)" } input #day type="date" name="day" value=(page.day); }
            div { button { "Show" } }
        }
        nav.days aria-label="Days" {
            a rel="prev" href=(day(frame, page, page.earlier)) { "← " (page.earlier) }
            strong { (page.day) }
            @if let Some(later) = page.later { a rel="next" href=(day(frame, page, later)) { (later) " →" } }
        }
        div #fresh data-fresh {
            @if page.events.items.is_empty() { (nothing(page)) } @else { (table(frame, page)) }
            (parts::next(page.events.next.as_ref().map(|cursor| link(frame, page, page.day, cursor))))
        }
    }
}

fn day(frame: &Frame, page: &Content<'_>, day: &str) -> String {
    link(frame, page, day, "")
}

fn link(frame: &Frame, page: &Content<'_>, day: &str, cursor: &str) -> String {
    let Filters { event_type, project } = page.filters;
    let query = parts::query(&[("day", day), ("type", event_type), ("project", project), ("cursor", cursor)]);
    frame.link(&format!("/events{query}"))
}

fn nothing(page: &Content<'_>) -> Markup {
    let filtered = !page.filters.event_type.is_empty() || !page.filters.project.is_empty();
    let words = match (page.events.next.is_some(), filtered) {
        (true, _) => "None among those that were looked at. The next page looks further.",
        (false, true) => "No event of this day matches.",
        (false, false) => "No event was accepted on this day.",
    };
    html! { p.empty { (words) } }
}

fn table(frame: &Frame, page: &Content<'_>) -> Markup {
    html! {
        table.list {
            caption.hidden { "Events, newest first" }
            thead { tr { th scope="col" { "Event" } th scope="col" { "Project" } th scope="col" { "Accepted" } th scope="col" { "Happened" } } }
            tbody {
                @for event in &page.events.items {
                    tr {
                        th scope="row" {
                            a.name href=(frame.link(&format!("/events/{}", event.id))) { (event.r#type) }
                            div.sub { code { (event.id) } }
                        }
                        td data-label="Project" { (parts::or_dash(event.project.as_deref())) }
                        td data-label="Accepted" { (parts::when(frame, Some(event.accepted))) }
                        td data-label="Happened" { (parts::when(frame, Some(event.time))) }
                    }
                }
            }
        }
    }
}
