//! The frame of a picture: its figure, its description and its table.

use maud::{Markup, html};

/// The parts of a picture.
pub(super) struct Picture<'a> {
    /// What the ids of its elements begin with.
    pub(super) prefix: &'a str,
    /// Its width and height in the units of its coordinates.
    pub(super) size: (u32, u32),
    /// What it shows, in a few words.
    pub(super) title: &'a str,
    /// What can be seen in it, in full sentences.
    pub(super) description: &'a str,
    /// The shapes.
    pub(super) shapes: Markup,
    /// What is written below it.
    pub(super) caption: Markup,
    /// The same numbers as rows of a table.
    pub(super) rows: Markup,
}

impl Picture<'_> {
    /// The picture as a figure. A person opens its table by the text `Show as a table`.
    pub(super) fn figure(self) -> Markup {
        let Self { prefix, size: (width, height), title, description, shapes, caption, rows } = self;
        html! {
            figure.pic {
                svg role="img" viewBox=(format!("0 0 {width} {height}")) aria-labelledby=(format!("{prefix}-t {prefix}-d")) {
                    title id=(format!("{prefix}-t")) { (title) }
                    desc id=(format!("{prefix}-d")) { (description) }
                    (shapes)
                }
                figcaption { (caption) }
                details {
                    summary { "Show as a table" }
                    table { caption { (title) } (rows) }
                }
            }
        }
    }
}

/// Slanted lines as a filling, which sets a part of a picture off without colour. The id is that of the filling.
pub(super) fn slanted_lines(id: &str, class: &str) -> Markup {
    html! {
        pattern id=(id) class=(class) width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
            path d="M0 0v3" stroke="currentColor" stroke-width="3.4" {}
        }
    }
}
