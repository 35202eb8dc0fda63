//! Makes any text safe for Slack: cleans it, escapes it, measures it, and only then cuts it.

use unicode_segmentation::UnicodeSegmentation as _;

use super::invisible;

/// The longest `text` fallback, in UTF-16 units. Slack may split a longer one. Slack's documents say "characters";
/// UTF-16 units are the strictest reading of that.
pub(super) const FALLBACK: usize = 4_000;
/// The longest text of a section, in UTF-16 units.
pub(super) const SECTION: usize = 3_000;
/// The longest text of a field, in UTF-16 units.
pub(super) const FIELD: usize = 2_000;
/// The longest header, in UTF-16 units.
pub(super) const HEADER: usize = 150;

/// Replaces a text without visible characters, because Slack refuses empty texts.
pub(super) const NOTHING: &str = "(empty)";

/// Inserted after the `@` of a mention of everybody. It has no width and no meaning.
const WORD_JOINER: char = '\u{2060}';

/// The words that, after an `@`, would notify many people if Slack ever parsed names.
const EVERYBODY: [&str; 4] = ["channel", "here", "everyone", "group"];

/// The text on one line, without control characters, and without the invisible characters that make one name look like
/// another or hide text ([`invisible`]). Mentions of everybody are broken up. Returns [`NOTHING`] if nothing visible is
/// left.
pub(super) fn clean(text: &str) -> String {
    let line: String = text
        .chars()
        .filter_map(|c| match c {
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
            c => Some(c).filter(|c| !c.is_control()),
        })
        .collect();
    let cleaned = invisible::without_hidden(&line);
    if cleaned.chars().any(invisible::is_seen) { without_mentions(cleaned.trim()) } else { NOTHING.to_owned() }
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

/// The text with `&`, `<` and `>` as entities, cut to at most `most` UTF-16 units, which include the entities and the
/// ellipsis at the cut. Entities are never cut, nor is anything that readers see as one character: a flag, a family of
/// emoji, a letter with its accents.
pub(super) fn escaped(text: &str, most: usize) -> String {
    let mut whole = String::with_capacity(text.len());
    // The length in units, and the end of the longest beginning after which the ellipsis (one unit) still fits.
    let (mut length, mut end) = (0, 0);
    for cluster in text.graphemes(true) {
        for c in cluster.chars() {
            let entity = entity(c);
            length += entity.map_or(c.len_utf16(), str::len);
            match entity {
                Some(entity) => whole.push_str(entity),
                None => whole.push(c),
            }
        }
        if length > most {
            whole.truncate(end);
            whole.push('…');
            return whole;
        }
        if length < most {
            end = whole.len();
        }
    }
    whole
}

/// The unescaped text, cut so that it has at most `most` UTF-16 units once it is escaped. For a name within a longer
/// text.
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
    fn a_cut_leaves_what_readers_take_for_one_character_whole() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        let units = family.encode_utf16().count();
        assert_eq!(escaped(&format!("a{family}b"), units + 1), "a…");
        assert_eq!(escaped(&format!("a{family}b"), units + 2), format!("a{family}b"));
        assert_eq!(escaped(&format!("a{family}bc"), units + 2), format!("a{family}…"));
        assert_eq!(escaped("🇩🇪🇫🇷x", 8), "🇩🇪…", "not half a flag, which would be a letter");
        assert_eq!(escaped("ae\u{301}\u{323}x", 3), "a…", "not without its accents");
        assert_eq!(escaped("👍🏽👍🏽", 5), "👍🏽…", "not without its colour");
        assert_eq!(escaped("한글각", 3), "한글각");
        assert_eq!(escaped("x&\u{338}y", 6), "x…", "an entity with an accent");
        assert_eq!(escaped(&format!("a{}", "\u{301}".repeat(500)), 100), "…", "one that is longer than the limit");
    }

    #[test]
    fn nothing_invisible_is_left() {
        assert_eq!(clean("\u{0}a\u{7}b\nc\td\u{202e}e "), "ab c de");
        for empty in ["", " ", "\u{200b}", "\u{0}\u{1f}", "\n", "\u{200e}\u{61c}\u{e0041}", "\u{3164}", "\u{fe0f}"] {
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
        fn a_cut_is_between_two_clusters(text in "([a&<]|👩|\u{200d}|👧|🇩|🇪|e|\u{301}|\u{fe0f}|🏽){0,30}", most in 1usize..40) {
            let shortened = shortened(&text, most);
            if let Some(beginning) = shortened.strip_suffix('…').filter(|_| shortened != text) {
                let mut clusters = text.grapheme_indices(true).map(|(at, _)| at);
                prop_assert!(clusters.any(|at| at == beginning.len()), "{:?} of {:?}", beginning, text);
            }
        }

        #[test]
        fn a_clean_text_has_something_to_see(text in "\\PC*|[\\x00-\\x20\u{200b}]*") {
            let cleaned = clean(&text);
            prop_assert!(!cleaned.trim().is_empty() && !cleaned.chars().any(char::is_control));
        }
    }
}
