//! The three characters that Slack has written as entities, in every kind of text.

use std::borrow::Cow;

/// The text with `&amp;`, `&lt;` and `&gt;` decoded, once. Slack knows no other entity.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
        let (letter, length) = known
            .into_iter()
            .find(|(entity, _)| rest[at..].starts_with(entity))
            .map_or(('&', 1), |(entity, letter)| (letter, entity.len()));
        decoded.push(letter);
        rest = &rest[at + length..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_once_and_others_are_left() {
        assert_eq!(decoded("a &amp; b &lt;c&gt; &amp;lt; &quot; & &#60;"), "a & b <c> &lt; &quot; & &#60;");
        assert_eq!(decoded("none"), "none");
    }
}
