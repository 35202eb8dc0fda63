//! Changing the URL of a webhook.

use maud::{Markup, html};
use shared::api::{common::FieldError, operations::WebhookBody};

use super::{Frame, parts};

/// The page. `typed` is what was typed before, if that was wrong.
pub(crate) fn content(frame: &Frame, webhook: &WebhookBody, typed: &str, errors: &[FieldError]) -> Markup {
    html! {
        (parts::crumbs(frame, webhook))
        div.narrow {
            h1 { "Change the URL" }
            p { "It is now " span.endpoint { (webhook.endpoint) } ". What waits goes to the new one." }
            (parts::errors(errors))
            (parts::form(frame, &format!("/webhooks/{}/url", webhook.id), &html! {
                (parts::line("url", "url", "New URL", typed, "https://"))
                div.row { button.primary { "Save" } a.button.quiet href=(frame.link(&format!("/webhooks/{}", webhook.id))) { "Cancel" } }
            }))
        }
    }
}
