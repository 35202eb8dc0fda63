//! The picture beside the app's name.

use maud::{Markup, html};

/// The app's square icon: a hook in a square. It says nothing that the name beside it does not say.
pub(super) fn square() -> Markup {
    html! {
        svg.slack-icon viewBox="0 0 36 36" width="36" height="36" aria-hidden="true" focusable="false" {
            rect.slack-icon-square width="36" height="36" rx="5" {}
            path.slack-icon-hook d="M20 7v13a5 5 0 1 1-10 0v-3m0 0 4 4M20 7h6" {}
        }
    }
}
