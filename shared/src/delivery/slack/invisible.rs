//! Invisible characters: which of them are removed, and which do not count as visible.

/// The black flag. Followed by the code of a part of a country in tag characters, it is shown as that part's flag.
const FLAG: char = '\u{1f3f4}';

/// The codes of the parts of a country that have a flag in fonts: England, Scotland and Wales.
const PARTS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// The tag character that ends a code in tag characters.
const END_OF_TAG: char = '\u{e007f}';

/// Removes the characters that reverse the direction of the text after them, and those that can hide text within other
/// text.
///
/// The marks U+200E and U+200F stay: they only give a direction to neighbouring spaces and signs, and texts in Arabic
/// or Hebrew need them. Any text can be hidden in tag characters, so they are removed, except in the three flags of
/// [`PARTS`].
pub(super) fn without_hidden(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if !is_hidden(c) {
            shown.push(c);
        }
        let tags = if c == FLAG { flag_of_a_part(after) } else { "" };
        shown.push_str(tags);
        rest = &after[tags.len()..];
    }
    shown
}

/// Whether the character is visible.
pub(super) fn is_seen(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// The tag characters at the beginning of `text` that turn the black flag before them into one of the three flags;
/// empty if there are none.
fn flag_of_a_part(text: &str) -> &str {
    let Some(end) = text.find(END_OF_TAG) else { return "" };
    let letter = |c: char| char::from_u32(u32::from(c).wrapping_sub(0xe0000));
    let name: Option<String> = text[..end].chars().map(letter).collect();
    if name.is_some_and(|name| PARTS.contains(&name.as_str())) { &text[..end + END_OF_TAG.len_utf8()] } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> String {
        text.chars().map(|c| char::from_u32(0xe0000 + u32::from(c)).unwrap()).collect()
    }

    #[test]
    fn what_turns_or_hides_a_text_is_dropped() {
        let hidden = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{206f}').chain('\u{e0000}'..='\u{e007f}');
        for c in hidden.chain(['\u{61c}', '\u{feff}']) {
            assert_eq!(without_hidden(&format!("a{c}b")), "ab", "{:x}", u32::from(c));
        }
    }

    #[test]
    fn marks_that_only_give_a_direction_stay() {
        assert_eq!(without_hidden("a\u{200e}b\u{200f}c"), "a\u{200e}b\u{200f}c");
    }

    #[test]
    fn flags_of_parts_of_a_country_stay_and_carry_nothing_else() {
        let wales = format!("{FLAG}{}{END_OF_TAG}", tags("gbwls"));
        assert_eq!(without_hidden(&format!("a{wales}b")), format!("a{wales}b"));
        for text in ["gbwl", "gbwlsx", "ustx", ""] {
            let hiding = format!("a{FLAG}{}{END_OF_TAG}b", tags(text));
            assert_eq!(without_hidden(&hiding), format!("a{FLAG}b"), "{text}");
        }
        assert_eq!(without_hidden(&format!("{FLAG}{}", tags("gbeng"))), FLAG.to_string(), "without an end");
    }
}
