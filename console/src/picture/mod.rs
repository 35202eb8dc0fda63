//! Pictures of numbers, drawn on the server as inline SVG, each with a table of the same numbers that opens on demand.
//!
//! Every picture takes a prefix for the ids of its elements, because a page may hold the same kind of picture twice. A prefix
//! consists of letters, digits and hyphens. Nothing is told by colour alone: failures also differ in shape or pattern.

mod age;
mod attempts;
mod figure;
mod hours;
mod line;
mod numbers;
#[cfg(test)]
mod proof;

pub use self::{
    age::{AgeLevel, age, age_level},
    attempts::{Attempt, attempts},
    hours::{Hour, hours},
};

/// The styles of all pictures. They use the page's variables `--ok`, `--bad`, `--warn`, `--muted` and `--line` where it sets them.
pub const STYLE: &str = include_str!("picture.css");
