//! The list of webhooks of all APIs.

use maud::{Markup, html};
use shared::{
    api::operations::{ListBody, State, WebhookBody},
    domain::Api,
};

use super::{Frame, parts};

/// The filters, as they were typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pub(crate) api: String,
    pub(crate) state: String,
    pub(crate) project: String,
    pub(crate) text: String,
}

/// The page.
pub(crate) fn content(frame: &Frame, filters: &Filters, list: &ListBody<WebhookBody>) -> Markup {
    html! {
        div.head {
            h1 { "Webhooks" }
            @if frame.may_change() { a.button.primary href=(frame.link("/webhooks/new")) { "New webhook" } }
        }
        (form(frame, filters))
        div #fresh data-fresh {
            @if list.items.is_empty() {
                (nothing(frame, filters, list.next.is_some()))
            } @else if frame.may_change() {
                // One form for all buttons of the table, each of which says where it leads.
                (parts::form(frame, "/webhooks", &html! { input type="hidden" name="from" value="list"; (table(frame, &list.items)) }))
            } @else {
                (table(frame, &list.items))
            }
            (parts::next(list.next.as_ref().map(|cursor| {
                let Filters { api, state, project, text } = filters;
                frame.link(&format!("/webhooks{}", parts::query(&[("api", api), ("state", state), ("project", project), ("q", text), ("cursor", cursor)])))
            })))
        }
    }
}

fn form(frame: &Frame, filters: &Filters) -> Markup {
    let apis: Vec<_> = Api::ALL.iter().map(|api| api.as_str()).collect();
    let states: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
    html! {
        form.filters method="get" action=(frame.link("/webhooks")) role="search" {
            div { (parts::line("q", "q", "Name or endpoint", &filters.text, "")) }
            div { (parts::select("state", "state", "State", &filters.state, &states)) }
            div { (parts::select("api", "api", "API", &filters.api, &apis)) }
            div { (parts::line("project", "project", "Project", &filters.project, "")) }
            div { button { "Filter" } }
        }
    }
}

fn nothing(frame: &Frame, filters: &Filters, more: bool) -> Markup {
    let filtered = [&filters.api, &filters.state, &filters.project, &filters.text].iter().any(|text| !text.is_empty());
    html! {
        div.empty {
            @if more {
                p { "None among those that were looked at. The next page looks further." }
            } @else if filtered {
                p { "No webhook matches. " a href=(frame.link("/webhooks")) { "Show all" } }
            } @else {
                p { "There are no webhooks yet." }
                @if frame.may_change() { p { a href=(frame.link("/webhooks/new")) { "Make the first one" } } }
            }
        }
    }
}

fn table(frame: &Frame, webhooks: &[WebhookBody]) -> Markup {
    html! {
        table.list.hooks {
            caption.hidden { "Webhooks" }
            thead { tr {
                th scope="col" { "Webhook" } th scope="col" { "State" } th scope="col" { "Oldest waiting" }
                th scope="col" { "Last success" } th scope="col" { "Last failure" }
                @if frame.may_change() { th scope="col" { "Actions" } }
            } }
            tbody { @for webhook in webhooks { (row(frame, webhook)) } }
        }
    }
}

fn row(frame: &Frame, webhook: &WebhookBody) -> Markup {
    html! {
        tr {
            th scope="row" {
                a.name href=(frame.link(&format!("/webhooks/{}", webhook.id))) { (parts::name(webhook)) }
                div.sub { (webhook.api.as_str()) @if let Some(project) = &webhook.project { " · project " (project) } }
                div.endpoint { (webhook.endpoint) }
            }
            td {
                (parts::state(webhook.state))
                @if let Some(reason) = &webhook.reason { div.sub { (parts::short(reason)) } }
            }
            td { (parts::when(frame, webhook.oldest_queued)) }
            td { (parts::when(frame, webhook.last_success)) }
            td { (parts::when(frame, webhook.last_failure)) }
            @if frame.may_change() { td.actions { (parts::actions(frame, webhook, true)) } }
        }
    }
}
