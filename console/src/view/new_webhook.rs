//! Making a webhook of any API: which API, then the form with a preview and a test.

use maud::{Markup, html};
use shared::{
    api::{
        common::FieldError,
        operations::{SentRequest, TestBody},
    },
    domain::Api,
};

use super::{Frame, parts, sent, test};

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) project: String,
    /// The types that are ticked.
    pub(crate) ticked: Vec<String>,
    /// The types that were typed.
    pub(crate) types: String,
}

/// What the form shows.
pub(crate) struct Content<'a> {
    pub(crate) api: Api,
    pub(crate) typed: &'a Typed,
    /// The types to tick.
    pub(crate) offered: &'a [String],
    pub(crate) errors: &'a [FieldError],
    /// What the endpoint would get, once that was asked for.
    pub(crate) preview: Option<&'a SentRequest>,
    /// What came of a test, once one was sent.
    pub(crate) test: Option<&'a TestBody>,
}

/// The page that asks through which API. What its events look like decides.
pub(crate) fn choice(frame: &Frame, apis: &[Api]) -> Markup {
    html! {
        (crumbs(frame))
        h1 { "New webhook" }
        @if apis.is_empty() {
            p.empty { "You may not make webhooks of any API here. That needs the permission of the API, for example super_user or webhooks:write." }
        } @else {
            p { "Through which API? It decides what the endpoint gets." }
            ul.cards {
                @for api in apis {
                    li { a href=(frame.link(&format!("/webhooks/new?api={}", api.as_str()))) { b { (title(*api)) } span { (about(*api)) } } }
                }
            }
        }
    }
}

fn title(api: Api) -> &'static str {
    match api {
        Api::SdElements => "SD Elements",
        Api::Flip => "Flip",
        Api::Akinon => "Akinon",
        Api::Socotra => "Socotra",
        Api::Operations => "Operations",
    }
}

fn about(api: Api) -> &'static str {
    match api {
        Api::SdElements => "A message in a Slack channel when something happens in a project.",
        Api::Flip => "Signed JSON to your server, for types of events by their beginning.",
        Api::Akinon => "Signed JSON to your server, for the events of one project.",
        Api::Socotra => "Signed JSON to your server, for exact types of events.",
        Api::Operations => "Messages about webhooks.",
    }
}

/// The page with the form.
pub(crate) fn content(frame: &Frame, page: &Content<'_>) -> Markup {
    html! {
        (crumbs(frame))
        h1 { "New webhook: " (title(page.api)) }
        p { (about(page.api)) " " a href=(frame.link("/webhooks/new")) { "Choose another API" } }
        (parts::errors(page.errors))
        (parts::form(frame, "/webhooks/new", &html! {
            input type="hidden" name="api" value=(page.api.as_str());
            (fields(page))
            div.row {
                button.primary name="do" value="create" { "Create" }
                button name="do" value="preview" { "Preview" }
                button name="do" value="test" { "Send a test" }
            }
            p.help { "A test goes to the endpoint at once. Nothing is stored before you create the webhook." }
        }))
        @if let Some(result) = page.test {
            section aria-labelledby="tested" {
                h2 #tested { "The test" }
                (test::result(result.attempt.status, result.attempt.duration_ms, result.attempt.failure.as_deref()))
            }
        }
        @if let Some(request) = page.preview {
            section aria-labelledby="sent" {
                h2 #sent { "What the endpoint gets of such an event" }
                (sent::request(frame, request))
            }
        }
    }
}

fn fields(page: &Content<'_>) -> Markup {
    let typed = page.typed;
    let hint = if page.api == Api::SdElements { "https://hooks.slack.com/services/..." } else { "https://" };
    html! {
        // Flip's webhooks have no name.
        @if page.api != Api::Flip { (parts::line("name", "name", "Name", &typed.name, "")) }
        (parts::line("url", "url", "URL of the endpoint", &typed.url, hint))
        @if page.api == Api::SdElements { (parts::line("description", "description", "Description", &typed.description, "")) }
        @if page.api == Api::Akinon { (parts::line("project", "project", "Project: 24 hexadecimal digits", &typed.project, "")) }
        @if !page.offered.is_empty() {
            fieldset { legend { "Events" }
                @for kind in page.offered {
                    label { input type="checkbox" name="ticked" value=(kind) checked[typed.ticked.contains(kind)]; " " code { (kind) } }
                }
            }
        }
        @if page.api != Api::SdElements {
            (parts::line("types", "types", if page.api == Api::Flip { "Other event types, or beginnings of them, separated by spaces" } else { "Other event types, separated by spaces" }, &typed.types, ""))
        }
    }
}

/// The page after a signed webhook was created, with its secret.
pub(crate) fn created(frame: &Frame, path: &str, secret: &str) -> Markup {
    html! {
        div.narrow {
            h1 { "The webhook is created" }
            p { "Its messages are signed with this secret. It is shown only now: copy it into your receiver." }
            (parts::copyable("secret", "Signing secret", secret))
            p { a href=(frame.link(path)) { "Go on to the webhook" } }
        }
    }
}

fn crumbs(frame: &Frame) -> Markup {
    html! { nav.crumbs aria-label="Where you are" { a href=(frame.link("/webhooks")) { "Webhooks" } } }
}
