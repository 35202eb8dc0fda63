//! A page that says why something cannot be shown or done.

use maud::{Markup, html};
use shared::api::common::FieldError;

use super::{Frame, Section, layout, parts};

/// A page that says what is wrong, and where to go.
pub(crate) fn page(frame: &Frame, title: &str, what: &str, errors: &[FieldError]) -> Markup {
    layout::page(
        frame,
        Section::None,
        title,
        &html! {
            div.narrow {
                h1 { (title) }
                p { (what) }
                (parts::errors(errors))
                p { a href=(frame.link("")) { "Go to the overview" } }
            }
        },
    )
}
