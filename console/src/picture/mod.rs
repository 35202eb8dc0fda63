//! Pictures of numbers, drawn on the server as inline SVG, each with a table of the same numbers that opens on demand.
//!
//! Every picture takes a prefix for the ids of its elements, because a page may hold the same kind of picture twice. A prefix
//! consists of letters, digits and hyphens. Nothing is told by colour alone: failures also differ in shape or pattern.

mod age;
mod attempts;
mod hours;
mod line;
mod numbers;
#[cfg(test)]
mod proof;

use maud::{Markup, html};

pub use self::{
    age::{AgeLevel, age, age_level},
    attempts::{Attempt, attempts},
    hours::{Hour, hours},
};

/// The styles of all pictures. They use the page's variables `--ok`, `--bad`, `--warn`, `--muted` and `--line` where it sets them.
pub const STYLE: &str = include_str!("picture.css");

/// The parts of a picture.
struct Picture<'a> {
    /// What the ids of its elements begin with.
    prefix: &'a str,
    /// Its width and height in the units of its coordinates.
    size: (u32, u32),
    /// What it shows, in a few words.
    title: &'a str,
    /// What can be seen in it, in full sentences.
    description: &'a str,
    /// The shapes.
    shapes: Markup,
    /// What is written below it.
    caption: Markup,
    /// The same numbers as rows of a table.
    rows: Markup,
}

impl Picture<'_> {
    /// The picture as a figure. A person opens its table by the text `Show as a table`.
    fn figure(self) -> Markup {
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
fn slanted_lines(id: &str, class: &str) -> Markup {
    html! {
        pattern id=(id) class=(class) width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
            path d="M0 0v3" stroke="currentColor" stroke-width="3.4" {}
        }
    }
}
