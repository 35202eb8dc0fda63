//! Django's rules for URLs. (URLValidator in django/core/validators.py, and Python's urllib.parse.urlsplit, which it calls.)

use std::{net::Ipv6Addr, sync::LazyLock};

use regex::Regex;

/// DRF's message for a text that is not a URL.
pub(super) const INVALID: &str = "Enter a valid URL.";

/// The longest URL, in characters (django.utils.http.MAX_URL_LENGTH).
const LONGEST: usize = 2048;

/// The longest host, in characters.
const LONGEST_HOST: usize = 253;

/// Characters whose normal form NFKC contains `/`, `?`, `#`, `@` or `:`. Python refuses them in hosts.
const LIKE_DELIMITERS: [char; 19] = [
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}', '\u{fe13}',
    '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}', '\u{ff1a}', '\u{ff1f}',
    '\u{ff20}',
];

/// Django's regular expression for the text after `://`. Django uses lookaround so that no label begins or ends with a
/// hyphen. This regular expression has the same meaning without lookaround.
static AFTER_SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (letter, letter_or_digit) = ("a-zA-Z\u{a1}-\u{ffff}", "a-zA-Z0-9\u{a1}-\u{ffff}");
    let label = format!("[{letter_or_digit}](?:[{letter_or_digit}-]{{0,61}}[{letter_or_digit}])?");
    let last_label = format!("(?:[{letter}][{letter}-]{{0,61}}[{letter}]|[xX][nN]--[a-zA-Z0-9]{{1,59}})");
    let byte = "(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)";
    // Python's \s. The engine's own \s needs tables that are not built in.
    let space = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";
    Regex::new(&format!(
        r"^(?:[^{space}:@/]+(?::[^{space}:@/]*)?@)?(?:{byte}(?:\.{byte}){{3}}|\[[0-9a-fA-F:.]+\]|{label}(?:\.{label})*\.{last_label}\.?|(?i-u:localhost))(?::[0-9]{{1,5}})?(?:[/?\#][^{space}]*)?$"
    ))
    .ok()
});

/// Returns whether the text is a URL by Django's rules. The text must have no white space around it.
pub(super) fn is_valid(text: &str) -> bool {
    if text.chars().nth(LONGEST).is_some() || text.contains(['\t', '\r', '\n']) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["http", "https", "ftp", "ftps"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    known && authority_is_valid(rest) && AFTER_SCHEME.as_ref().is_some_and(|regex| regex.is_match(rest))
}

/// Applies the rules of Python's `urlsplit` and of Django to the part before the path.
fn authority_is_valid(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains(LIKE_DELIMITERS) {
        return false;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if authority.contains(['[', ']']) {
        let Some(address) = authority.split_once('[').and_then(|(_, rest)| Some(rest.split_once(']')?.0)) else {
            return false;
        };
        if address.parse::<Ipv6Addr>().is_err() {
            return false;
        }
        address
    } else {
        host.split(':').next().unwrap_or_default()
    };
    !host.is_empty() && host.chars().count() <= LONGEST_HOST
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Django 5.2 gives the same result for each text.
    #[test]
    fn what_django_takes_is_taken() {
        for text in [
            "https://hooks.slack.com/services/T/B/X",
            "HTTP://EXAMPLE.COM",
            "ftp://example.com",
            "ftps://u:p@example.com:21/a?b#c",
            "http://localhost",
            "http://LOCALHOST:8000/",
            "http://127.0.0.1",
            "http://0.0.0.0:99999",
            "http://[::1]/",
            "http://[::ffff:1.2.3.4]:80",
            "http://日本.日本",
            "http://a.xn--p1ai",
            "http://example.com.",
            "http://example.com?a/b",
            "http://example.com/\u{0}\u{fffd}é",
            "http://a--b.com",
            "http://u:@example.com",
            "http://a?b@example.com",
            "http://1.example",
        ] {
            assert!(is_valid(text), "{text:?}");
        }
    }

    #[test]
    fn what_django_refuses_is_refused() {
        let long_label = format!("http://{}.com", "a".repeat(64));
        let long_host = format!("http://{}com", "abcdefgh.".repeat(28));
        let long_url = format!("http://example.com/{}", "a".repeat(2048 - 18));
        for text in [
            "",
            "x",
            "http://",
            "http:/example.com",
            "//example.com",
            "://example.com",
            "gopher://example.com",
            "httpſ://example.com",
            "\u{1}http://example.com",
            "http://example",
            "http://example.c",
            "http://example.c1",
            "http://-a.com",
            "http://a-.com",
            "http://a.-com",
            "http://a_b.com",
            "http://a..com",
            "http://.com",
            "http://256.1.1.1",
            "http://01.2.3.4",
            "http://1.2.3",
            "http://[::1",
            "http://::1]",
            "http://[12345::]",
            "http://[1.2.3.4]",
            "http://[::1]x",
            "http://[x]@example.com",
            "http://:p@example.com",
            "http://@example.com",
            "http://?@example.com",
            "http://a b@example.com",
            "http://example.com:123456",
            "http://example.com:",
            "http://example.com:é",
            "http://example.com/a b",
            "http://example.com/\u{a0}",
            "http://example.com/\u{1c}",
            "http://example.com/\t",
            "http://a℀.com",
            "http://a＃b.com",
            "http://😀.com",
            "https://https://example.com",
            &long_label,
            &long_host,
            &long_url,
        ] {
            assert!(!is_valid(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>(), host in "\\PC{0,12}") {
            let _ = is_valid(&text);
            let _ = is_valid(&format!("https://{host}"));
        }

        #[test]
        fn the_slack_urls_that_are_taken_are_urls(tail in "[A-Za-z0-9_-]{1,8}/[A-Za-z0-9_-]{1,8}/[A-Za-z0-9_-]{1,8}", gov in "|-gov") {
            let url = format!("https://hooks.slack{gov}.com/services/{tail}");
            prop_assert!(crate::validation::slack_url::is_valid(&url) && is_valid(&url), "{}", url);
        }
    }
}
