//! JSON text for people: escaped letters are shown as letters, and everything else, such as the digits of numbers,
//! stays as it is.

/// The JSON text with its `\u` escapes replaced by their characters, except those for quotes, backslashes and control
/// characters.
pub(super) fn readable(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        shown.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (letter, length) = match letter(escape) {
            Some((letter, length)) if !letter.is_control() && letter != '"' && letter != '\\' => (Some(letter), length),
            // Skip the second character too: after `\`, another `\` does not start an escape.
            _ => (None, two(escape)),
        };
        match letter {
            Some(letter) => shown.push(letter),
            None => shown.push_str(&escape[..length]),
        }
        rest = &escape[length..];
    }
    shown + rest
}

/// The value of a JSON string, given with its quotes. Half a surrogate pair, which no text can contain, is left out.
pub(super) fn string(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| without_halves(json))
}

/// The character of the `\uXXXX` escape at the beginning, or of two that make a surrogate pair, and how many bytes they
/// take.
fn letter(escape: &str) -> Option<(char, usize)> {
    let first = unit(escape)?;
    if let Some(letter) = char::from_u32(first.into()) {
        return Some((letter, 6));
    }
    let second = unit(escape.get(6..)?)?;
    char::decode_utf16([first, second]).next()?.ok().map(|letter| (letter, 12))
}

/// How many bytes the first two characters take.
fn two(escape: &str) -> usize {
    escape.chars().take(2).map(char::len_utf8).sum()
}

fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

fn without_halves(json: &str) -> String {
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        let escape = &rest[at..];
        let length = match (letter(escape), unit(escape)) {
            (Some((_, length)), _) => length,
            (None, Some(_)) => 0,
            (None, None) => two(escape),
        };
        whole.push_str(&escape[..length]);
        rest = &escape[if length == 0 { 6 } else { length }..];
    }
    whole.push_str(rest);
    serde_json::from_str(&whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escaped_letters_stand_as_letters_and_digits_stay() {
        for (json, shown) in [
            (r#"{"n":123456789012345678901,"m":1e400}"#, r#"{"n":123456789012345678901,"m":1e400}"#),
            (r#"{"a":"Jos\u00e9 \ud83d\ude00"}"#, r#"{"a":"José 😀"}"#),
            (r#"{"a":"\\u00e9 \u0022 \u005c \n \u0007 \ud83d"}"#, r#"{"a":"\\u00e9 \u0022 \u005c \n \u0007 \ud83d"}"#),
        ] {
            assert_eq!(readable(json), shown);
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_left_out_of_a_name() {
        assert_eq!(string(r#""a\ud83d\n\\ud83d\ude00b\u00e9""#), "a\n\\ud83dbé");
        assert_eq!(string(r#""\ud83d\ude00\ud83d""#), "😀");
    }

    proptest! {
        #[test]
        fn what_is_shown_means_the_same((_, json) in crate::domain::json_texts()) {
            let means = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
            if let Some(meaning) = means(&json) {
                prop_assert_eq!(means(&readable(&json)), Some(meaning));
            }
        }

        #[test]
        fn a_string_is_what_json_says(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(string(&json), text.clone());
            prop_assert_eq!(without_halves(&json), text);
        }

        #[test]
        fn never_panics(text in "(\\\\|u|d83d|é|\"){0,12}") {
            let _ = (readable(&text), string(&text));
        }
    }
}
