//! Rules for project ids, which producers choose.

/// The longest project id, in characters.
pub const MAX: usize = 128;

/// Whether the text is a project id: 1 to 128 ASCII letters, digits, `_`, `-` and `.`.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    (1..=MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}
