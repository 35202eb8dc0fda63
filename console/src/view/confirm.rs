//! A page that asks before something is done that cannot be undone. With the script, a dialog asks instead.

use maud::{Markup, html};

use super::{Frame, parts};

/// The question, with a form that sends the answer to `path` and a link back.
pub(crate) fn page(frame: &Frame, question: &str, label: &str, path: &str, back: &str) -> Markup {
    html! {
        div.narrow {
            h1 { (question) }
            p { "This cannot be undone." }
            div.row {
                (parts::button(frame, path, label, "danger", &[("sure", "yes")]))
                a.button.quiet href=(frame.link(back)) { "Cancel" }
            }
        }
    }
}
