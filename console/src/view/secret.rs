//! Rotating the signing secret of a webhook.

use maud::{Markup, html};
use shared::{
    api::operations::{RotationBody, WebhookBody},
    domain::Endpoint,
};

use super::{Frame, parts};
use crate::time;

/// The page that asks how.
pub(crate) fn content(frame: &Frame, webhook: &WebhookBody) -> Markup {
    let usual = Endpoint::OVERLAP_HOURS.to_string();
    html! {
        (parts::crumbs(frame, webhook))
        div.narrow {
            h1 { "Rotate the signing secret" }
            p {
                "The webhook gets a new secret, which is shown once. For the hours that you choose, each message is signed with both, so that "
                "your receiver can change over without losing a message."
            }
            (parts::form(frame, &format!("/webhooks/{}/rotate-secret", webhook.id), &html! {
                label for="hours" { "Hours for which the old secret also signs" }
                input #hours name="overlap_hours" type="number" min="0" max=(Endpoint::MAX_OVERLAP_HOURS) value=(usual) required;
                p.help { "0 ends the old secret at once: choose it if the secret has leaked." }
                div.row { button.primary { "Rotate" } a.button.quiet href=(frame.link(&format!("/webhooks/{}", webhook.id))) { "Cancel" } }
            }))
        }
    }
}

/// The page that shows the new secret.
pub(crate) fn rotated(frame: &Frame, webhook: &WebhookBody, rotation: &RotationBody) -> Markup {
    html! {
        (parts::crumbs(frame, webhook))
        div.narrow {
            h1 { "The new signing secret" }
            p { "It is shown only now: copy it into your receiver." }
            (parts::copyable("secret", "Signing secret", rotation.signing_secret.expose()))
            @if rotation.old_secret_valid_until.0 > frame.now {
                p { "The old secret also signs until " (time::exact(rotation.old_secret_valid_until.0)) "." }
            } @else {
                p { "The old secret does not sign any more." }
            }
            p { a href=(frame.link(&format!("/webhooks/{}", webhook.id))) { "Back to the webhook" } }
        }
    }
}
