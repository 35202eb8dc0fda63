//! A line of the sum, and its numbers.

use serde::Serialize;

/// A line of the sum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Line {
    /// What is paid for.
    pub(super) what: &'static str,
    /// How it is computed, with the numbers.
    pub(super) sum: String,
    pub(super) dollars: f64,
}

impl Line {
    pub(super) fn new(what: &'static str, sum: String, dollars: f64) -> Self {
        Self { what, sum, dollars }
    }
}

/// A number with as many digits as say something.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        1000.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.001.. => 4,
        _ => 6,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_say_something() {
        let all = [0.0, 0.0304, 1.0, 4.04, 30.4167, 1234.5].map(number);
        assert_eq!(all, ["0", "0.0304", "1", "4.04", "30.4", "1234"]);
    }
}
