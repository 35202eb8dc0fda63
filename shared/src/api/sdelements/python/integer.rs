//! Python's `int()` for a text. (Objects/longobject.c.)

/// The largest number of digits that CPython accepts.
const MOST_DIGITS: usize = 4300;

/// Parses an integer and returns its digits as `str()` writes them. The text may have white space around it, a sign,
/// and single underscores between digits. Digits other than 0 to 9 are refused.
pub(in crate::api::sdelements) fn int(text: &str) -> Option<String> {
    // Not `strip`: `int()` does not count the four ASCII separators as white space.
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.strip_suffix(digits).unwrap_or_default(), digits),
        None => ("", text),
    };
    let groups = || digits.split('_');
    let well_formed = groups().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if !well_formed || groups().map(str::len).sum::<usize>() > MOST_DIGITS {
        return None;
    }
    let digits = groups().collect::<String>();
    let digits = digits.trim_start_matches('0');
    Some(match (sign, digits) {
        (_, "") => "0".to_owned(),
        ("-", digits) => format!("-{digits}"),
        (_, digits) => digits.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_python_takes_is_taken() {
        for (text, number) in [
            ("1", "1"),
            (" \u{2003}1\u{85}\u{b}\n", "1"),
            ("+1", "1"),
            ("-1", "-1"),
            ("-0", "0"),
            ("007", "7"),
            ("1_000_0", "10000"),
            ("0_0", "0"),
            ("99999999999999999999", "99999999999999999999"),
        ] {
            assert_eq!(int(text).as_deref(), Some(number), "{text:?}");
        }
        assert_eq!(int(&"9".repeat(4300)), Some("9".repeat(4300)));
        assert_eq!(int(&"1_".repeat(4299).trim_end_matches('_').replace('1', "01")), None);
    }

    #[test]
    fn nothing_else_is() {
        let long = "0".repeat(4301);
        for text in [
            "", " ", "-", "+-1", "- 1", "_1", "1_", "1__0", "1.0", "1e1", "0x1", "1\0", "1\u{1c}", "\u{1f}1", "٣", "x",
            &long,
        ] {
            assert_eq!(int(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back(number in any::<i128>(), zeros in "0{0,3}", blank in "[ \\t\\u{2003}]{0,2}") {
            let digits = number.unsigned_abs().to_string();
            let text = format!("{blank}{}{zeros}{digits}{blank}", if number < 0 { "-" } else { "" });
            prop_assert_eq!(int(&text), Some(number.to_string()));
        }
    }
}
