//! Texts that Slack shows as they are.

/// The text escaped and cut to at most `most` characters as Slack counts them (UTF-16 code units), never inside an entity.
/// Control characters but line ends become spaces; an empty text, which Slack refuses, becomes a dash.
pub(super) fn fit(text: &str, most: usize) -> String {
    let mut fitted = String::new();
    let (mut length, mut last_that_leaves_room) = (0, 0);
    for c in text.trim().chars() {
        let mut buffer = [0; 4];
        let shown = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\n' => "\n",
            c if c.is_control() => " ",
            c => c.encode_utf8(&mut buffer),
        };
        length += shown.encode_utf16().count();
        if length > most {
            fitted.truncate(last_that_leaves_room);
            fitted.push('…');
            return fitted;
        }
        fitted.push_str(shown);
        if length < most {
            last_that_leaves_room = fitted.len();
        }
    }
    if fitted.trim().is_empty() { "-".to_owned() } else { fitted }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entity_is_never_cut() {
        assert_eq!(fit("ab&&", 7), "ab…");
        assert_eq!(fit("ab&", 7), "ab&amp;");
        assert_eq!(fit("<!channel>", 100), "&lt;!channel&gt;");
    }

    proptest! {
        #[test]
        fn every_text_fits_escaped_and_not_empty(text in any::<String>(), most in 1_usize..60) {
            let fitted = fit(&text, most);
            prop_assert!(!fitted.is_empty());
            prop_assert!(fitted.encode_utf16().count() <= most.max(1));
            prop_assert!(!fitted.contains(['<', '>']));
            let bare = fitted.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            prop_assert!(!bare.contains('&'));
        }
    }
}
