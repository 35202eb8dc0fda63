//! Resending the deliveries of a span: first the count, then the deed.

use maud::{Markup, html};
use shared::{
    api::{
        common::FieldError,
        operations::{ResendBody, WebhookBody},
    },
    domain::DeliveryState,
};

use super::{Frame, parts};

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) state: String,
    pub(crate) after: String,
    pub(crate) before: String,
}

/// The page. `found` is what the span has, once it was asked for.
pub(crate) fn content(
    frame: &Frame,
    webhook: &WebhookBody,
    typed: &Typed,
    found: Option<ResendBody>,
    errors: &[FieldError],
) -> Markup {
    let at = format!("/webhooks/{}/resend", webhook.id);
    let Typed { state, after, before } = typed;
    html! {
        (parts::crumbs(frame, webhook))
        h1 { "Resend many" }
        p { "All deliveries in a state, of events accepted in a span of time. They are sent oldest first, at the endpoint's pace." }
        (parts::errors(errors))
        form.filters method="get" action=(frame.link(&at)) {
            div {
                label for="state" { "State" }
                select #state name="state" {
                    @for one in DeliveryState::ALL.iter().filter(|one| **one != DeliveryState::Pending) {
                        option value=(one.as_str()) selected[one.as_str() == state || (state.is_empty() && *one == DeliveryState::Diverted)] { (one.as_str()) }
                    }
                }
            }
            div { (parts::line("after", "after", "From", after, "2025-03-31T10:15:00Z")) }
            div { (parts::line("before", "before", "Until", before, "2025-03-31T11:15:00Z")) }
            div { button { "Count" } }
        }
        @match found {
            Some(ResendBody { matching: 0, more: false }) => p.empty { "No delivery matches, so there is nothing to resend." },
            Some(ResendBody { matching, more }) => {
                p role="status" { b { (matching) @if more { " or more" } } " " (if matching == 1 && !more { "delivery matches." } else { "deliveries match." }) }
                (parts::form(frame, &at, &html! {
                    input type="hidden" name="state" value=(state);
                    input type="hidden" name="after" value=(after);
                    input type="hidden" name="before" value=(before);
                    div.row { button.primary { "Resend them" } a.button.quiet href=(frame.link(&format!("/webhooks/{}", webhook.id))) { "Cancel" } }
                }))
            }
            None => {}
        }
    }
}
