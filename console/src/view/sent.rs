//! A request as an endpoint gets it.

use maud::{Markup, html};
use shared::api::operations::SentRequest;

use super::{Frame, parts};
use crate::{asset::SLACK, slack};

/// How to check the signature, in words that are true for every language.
const VERIFY: &str = "https://www.standardwebhooks.com/";

/// The message as Slack draws it if it is one, else the body; then the headers.
pub(crate) fn request(frame: &Frame, request: &SentRequest) -> Markup {
    let drawn = slack::message(&request.body);
    let signed = request.headers.contains_key("webhook-signature");
    html! {
        p.endpoint { b { (request.method) } " " (request.endpoint) }
        @if let Some(message) = &drawn {
            link rel="stylesheet" href=(frame.link(&SLACK.path()));
            div.drawn { (message) }
            details { summary { "The body as it is sent" } (parts::document("body", "Body", &request.body)) }
        } @else {
            h3 { "Body" }
            (parts::document("body", "Body", &request.body))
        }
        details open[drawn.is_none()] {
            summary { "Headers" }
            table.plain { caption.hidden { "Headers" } tbody {
                @for (name, value) in &request.headers { tr { th scope="row" { (name) } td { (value) } } }
            } }
            p.help { "The values of your own headers and the signatures are never shown." }
        }
        @if signed {
            details {
                summary { "How to verify the signature" }
                p {
                    "The signature is an HMAC-SHA256 of " code { "webhook-id.webhook-timestamp.body" } " with the webhook's signing secret, as "
                    "Standard Webhooks defines it (" (VERIFY) "). Use its library for your language, give it the body as the bytes that "
                    "arrived, before any parsing, and refuse a timestamp that is older than five minutes."
                }
            }
        }
    }
}
