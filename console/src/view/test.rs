//! What came of a test.

use maud::{Markup, html};
use shared::api::operations::{TestBody, WebhookBody};

use super::{Frame, parts, sent};
use crate::time;

/// The page.
pub(crate) fn content(frame: &Frame, webhook: &WebhookBody, test: &TestBody) -> Markup {
    let attempt = &test.attempt;
    html! {
        (parts::crumbs(frame, webhook))
        h1 { "The test" }
        (result(attempt.status, attempt.duration_ms, attempt.failure.as_deref()))
        div.row {
            (parts::button(frame, &format!("/webhooks/{}/test", webhook.id), "Send another", "", &[]))
            a.button.quiet href=(frame.link(&format!("/webhooks/{}", webhook.id))) { "Back to the webhook" }
        }
        section aria-labelledby="sent" {
            h2 #sent { "What was sent" }
            (sent::request(frame, &test.request))
        }
    }
}

/// What the endpoint answered to a test.
pub(crate) fn result(status: Option<u16>, duration_ms: u64, failure: Option<&str>) -> Markup {
    html! {
        div class={ "why " (if failure.is_none() { "delivered" } else { "suspended" }) } role="status" {
            p {
                @match (status, failure) {
                    (Some(status), None) => { span.state.delivered { "accepted" } ": " b { "HTTP " (status) } }
                    (Some(status), Some(_)) => { span.state.diverted { "failed" } ": " b { "HTTP " (status) } }
                    (None, _) => { span.state.diverted { "failed" } ": " b { "no answer" } }
                }
                " in " (time::took(duration_ms))
            }
            @if let Some(failure) = failure { pre.failure { (failure) } }
        }
    }
}
