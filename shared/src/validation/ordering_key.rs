//! Rules for ordering keys, which producers choose.

/// The longest ordering key, in characters.
pub const MAX: usize = 256;

/// Whether the text is an ordering key: 1 to 256 characters of any kind.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    // A character has at most four bytes, so the characters of a longer text need not be counted.
    !text.is_empty() && text.len() <= 4 * MAX && text.chars().count() <= MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        for (text, valid) in [("", false), ("a", true), (&"é".repeat(MAX), true), (&"😀".repeat(MAX + 1), false)] {
            assert_eq!(is_valid(text), valid, "{}", text.len());
        }
    }
}
