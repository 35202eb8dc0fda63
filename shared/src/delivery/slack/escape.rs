//! Making any text safe for Slack: cleaned, escaped, measured, and only then cut.

/// The longest `text` fallback: Slack may split a longer one. All limits here are in UTF-16 units, the strictest reading of
/// Slack's "characters".
pub(super) const FALLBACK: usize = 4_000;
/// The longest text of a section.
pub(super) const SECTION: usize = 3_000;
/// The longest text of a field.
pub(super) const FIELD: usize = 2_000;
/// The longest header.
pub(super) const HEADER: usize = 150;

/// What stands for a text without anything to see in it: Slack refuses empty ones.
pub(super) const NOTHING: &str = "(empty)";

/// What is inserted after the `@` of a mention of everybody: it has no width and no meaning.
const WORD_JOINER: char = '\u{2060}';

/// The words that, after an `@`, would reach everybody if Slack were ever to parse names.
const EVERYBODY: [&str; 4] = ["channel", "here", "everyone", "group"];

/// The text on one line, without control characters and without the marks that turn the direction of writing (they make one
/// name look like another); mentions of everybody are broken. Never empty.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => cleaned.push(c),
        }
    }
    let seen =
        |c: char| !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}');
    if cleaned.chars().any(seen) { without_mentions(cleaned.trim()) } else { NOTHING.to_owned() }
}

fn without_mentions(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        safe.push(c);
        let rest = &text[at + c.len_utf8()..];
        let mentions = |word: &&str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if c == '@' && EVERYBODY.iter().any(mentions) {
            safe.push(WORD_JOINER);
        }
    }
    safe
}

/// The text with `&`, `<` and `>` as entities, at most `most` units long after that; an ellipsis stands for what was cut.
/// Entities and characters stay whole.
pub(super) fn escaped(text: &str, most: usize) -> String {
    let mut whole = String::with_capacity(text.len());
    // The length in units, and the place where the ellipsis, one unit, still fits.
    let (mut length, mut end) = (0, 0);
    for c in text.chars() {
        let entity = entity(c);
        length += entity.map_or(c.len_utf16(), str::len);
        if length > most {
            whole.truncate(end);
            whole.push('…');
            return whole;
        }
        match entity {
            Some(entity) => whole.push_str(entity),
            None => whole.push(c),
        }
        if length < most {
            end = whole.len();
        }
    }
    whole
}

/// The text not yet escaped, cut so that it is at most `most` units long once it is: for a name within a longer text.
pub(super) fn shortened(text: &str, most: usize) -> String {
    escaped(text, most).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn entity(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_characters_become_entities_once() {
        assert_eq!(escaped("a & b <!channel> &lt;", 100), "a &amp; b &lt;!channel&gt; &amp;lt;");
    }

    #[test]
    fn a_cut_leaves_entities_and_characters_whole() {
        assert_eq!(escaped("ab<cd", 5), "ab…");
        assert_eq!(escaped("ab<cd", 6), "ab…");
        assert_eq!(escaped("ab<cd", 7), "ab&lt;…");
        assert_eq!(escaped("ab<cd", 8), "ab&lt;cd");
        assert_eq!(escaped("a𝄞b", 3), "a…", "two units, one character");
        assert_eq!(escaped("a𝄞b", 4), "a𝄞b");
    }

    #[test]
    fn nothing_invisible_is_left() {
        assert_eq!(clean("\u{0}a\u{7}b\nc\td\u{202e}e "), "ab c de");
        for empty in ["", " ", "\u{200b}", "\u{0}\u{1f}", "\n"] {
            assert_eq!(clean(empty), NOTHING, "{empty:?}");
        }
    }

    #[test]
    fn mentions_of_everybody_are_broken() {
        assert_eq!(clean("@channel @Here me@example.com @chan"), "@\u{2060}channel @\u{2060}Here me@example.com @chan");
    }

    proptest! {
        #[test]
        fn an_escaped_text_obeys_its_limit_and_holds_only_whole_entities(text in ".*", most in 1usize..60) {
            let escaped = escaped(&text, most);
            prop_assert!(escaped.encode_utf16().count() <= most);
            let bare = escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            prop_assert!(!bare.contains(['&', '<', '>']), "{}", escaped);
        }

        #[test]
        fn a_shortened_text_is_a_beginning_that_fits_once_escaped(text in ".*|[&<>;a]*", most in 1usize..60) {
            let shortened = shortened(&text, most);
            prop_assert!(text == shortened || text.starts_with(shortened.strip_suffix('…').unwrap()));
            prop_assert_eq!(escaped(&shortened, most), escaped(&text, most));
        }

        #[test]
        fn a_clean_text_has_something_to_see(text in "\\PC*|[\\x00-\\x20\u{200b}]*") {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.trim().is_empty() && !cleaned.chars().any(char::is_control));
        }
    }
}
