//! Rules for the URL of a Slack incoming webhook. Source: docs/apis/sdelements.md ("Must use https and match
//! hooks.slack.com/services/... or hooks.slack-gov.com/services/...").

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

/// The longest URL, in characters.
pub const MAX: usize = 2048;

/// The accepted URLs, as a regular expression that means the same in JSON Schema.
pub const PATTERN: &str = r"^https://hooks\.slack(-gov)?\.com/services/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+$";

/// [`PATTERN`], compiled. Only URLs that the parser leaves unchanged are accepted, so nothing that it repairs, folds or
/// drops gets through.
static SLACK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PATTERN).ok());

/// Whether the text is `https://hooks.slack.com/services/A/B/C`, or the same on `hooks.slack-gov.com`. The three segments
/// are not empty and consist of ASCII letters, digits, `_` and `-`.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    let canonical = Url::parse(text).is_ok_and(|url| url.as_str() == text);
    canonical && SLACK.as_ref().is_some_and(|slack| slack.is_match(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";

    #[test]
    fn slacks_two_hosts_pass() {
        assert!(is_valid(GOOD));
        assert!(is_valid("https://hooks.slack-gov.com/services/T0/B0/x-_9"));
    }

    #[test]
    fn nothing_else_does() {
        for text in [
            "http://hooks.slack.com/services/T/B/X",
            "HTTPS://hooks.slack.com/services/T/B/X",
            "https://HOOKS.slack.com/services/T/B/X",
            "https://hooks.slack.com:443/services/T/B/X",
            "https://hooks.slack.com:8443/services/T/B/X",
            "https://user@hooks.slack.com/services/T/B/X",
            "https://hooks.slack.com@evil.example/services/T/B/X",
            "https://hooks.slack.com.evil.example/services/T/B/X",
            "https://xhooks.slack.com/services/T/B/X",
            "https://hooks-slack.com/services/T/B/X",
            "https://hooks.slack.com./services/T/B/X",
            "https://hooks.slack.com/services/T/B",
            "https://hooks.slack.com/services/T/B/",
            "https://hooks.slack.com/services//B/X",
            "https://hooks.slack.com/services/T/B/X/",
            "https://hooks.slack.com/services/T/B/X/Y",
            "https://hooks.slack.com/services/T/B/X?a=b",
            "https://hooks.slack.com/services/T/B/X?",
            "https://hooks.slack.com/services/T/B/X#f",
            "https://hooks.slack.com/services/T/B/X#",
            "https://hooks.slack.com/services/T%2FB/X/Y",
            "https://hooks.slack.com/services/T/B/%58",
            "https://hooks.slack.com/services\\T\\B\\X",
            "https:\\\\hooks.slack.com/services/T/B/X",
            "https:hooks.slack.com/services/T/B/X",
            "https://hooks.slack.com/services/../services/T/B/X",
            "https://hooks.slack.com/services/T/B/X\n",
            " https://hooks.slack.com/services/T/B/X",
            "https://hooks.slack.com/ser\tvices/T/B/X",
            "https://hooks.slack.com/workflows/T/B/X",
            "https://hooks.slack.com/Services/T/B/X",
            "https://hooks.ѕlack.com/services/T/B/X",
            "https://hooks.slack。com/services/T/B/X",
            "",
            "slack",
        ] {
            assert!(!is_valid(text), "{text:?}");
        }
    }

    /// A simple check that is obviously right: the text is one of two literals, followed by three valid segments.
    fn oracle(text: &str) -> bool {
        let rest = ["https://hooks.slack.com/services/", "https://hooks.slack-gov.com/services/"]
            .iter()
            .find_map(|start| text.strip_prefix(start));
        let good =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        rest.is_some_and(|rest| rest.split('/').count() == 3 && rest.split('/').all(good))
    }

    proptest! {
        #[test]
        fn accepts_exactly_what_the_oracle_accepts(
            scheme in "https|http|HTTPS|https ",
            separator in "://|:|:\\\\\\\\|:///",
            user in "|a@|a:b@",
            host in "hooks\\.slack\\.com|hooks\\.slack-gov\\.com|hooks\\.slack\\.com\\.x|slack\\.com|hooks\\.slack\\.com\\.",
            port in "|:443|:1",
            path in "/services(/[A-Za-z0-9_%.\\\\-]{0,4}){2,4}",
            tail in "|/|\\?|#|\\n|\\t|\\?a=b",
        ) {
            let text = format!("{scheme}{separator}{user}{host}{port}{path}{tail}");
            prop_assert_eq!(is_valid(&text), oracle(&text), "{}", text);
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            prop_assert_eq!(is_valid(&text), oracle(&text));
        }
    }
}
