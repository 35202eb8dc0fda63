//! Taking a webhook's secrets out of a text that others said: receivers echo URLs and headers back (docs/security.md).

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use url::Url;

/// What stands where a secret was. Shorter than any secret that is looked for, so that it can never be one.
const MARK: &str = "***";

/// A shorter text cannot be told from ordinary words.
const SHORTEST: usize = 4;

/// A piece of a URL or of a header value counts as a secret of its own from this length.
const SHORTEST_PIECE: usize = 8;

/// What every Slack URL's path begins with: no secret, and a word that replies use.
const SLACK_PATH: &str = "services";

/// `text` without the secrets: webhook URLs and header values.
///
/// Of a URL go the whole, its path with and without its query, its user information, and each piece of eight or more
/// characters of its path and query; the host's name stays. Of any other secret go the whole and each of its words of eight
/// or more characters. All are found as they are, percent-encoded, percent-decoded and escaped as in JSON. A secret that is
/// cut off at the end of the text goes too.
#[must_use]
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut forms: Vec<String> = secrets.iter().flat_map(|secret| forms_of(secret)).collect();
    // The longest first, so that a whole URL is not left as marks among its slashes.
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut text = text.to_owned();
    for form in &forms {
        if text.contains(form.as_str()) {
            text = text.replace(form.as_str(), MARK);
        }
    }
    let cut = forms.iter().filter_map(|form| cut_off(&text, form)).min();
    if let Some(at) = cut {
        text.truncate(at);
        text.push_str(MARK);
    }
    text
}

/// Where a beginning of `form`, long enough to be one, starts at the end of `text`.
fn cut_off(text: &str, form: &str) -> Option<usize> {
    let lengths = (SHORTEST_PIECE..form.len()).rev().filter(|length| form.is_char_boundary(*length));
    lengths.map(|length| &form[..length]).find(|start| text.ends_with(start)).map(|start| text.len() - start.len())
}

/// Every spelling of every part of a secret that must not be shown.
fn forms_of(secret: &str) -> BTreeSet<String> {
    let mut parts = BTreeSet::from([secret.trim().to_owned()]);
    match Url::parse(secret) {
        Ok(url) if url.has_host() => parts.extend(url_parts(&url)),
        _ => parts.extend(long_pieces(secret, |c| c.is_whitespace() || c == ',' || c == ';')),
    }
    let decoded: Vec<String> =
        parts.iter().map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect();
    parts.extend(decoded);
    parts.retain(|part| part.chars().count() >= SHORTEST && part != SLACK_PATH);
    parts.iter().flat_map(|part| spellings(part)).collect()
}

fn url_parts(url: &Url) -> Vec<String> {
    let mut parts = vec![url.as_str().to_owned(), url.path().to_owned(), url.username().to_owned()];
    parts.push(url.path().trim_matches('/').to_owned());
    parts.extend(url.password().map(str::to_owned));
    parts.extend(url.query().map(str::to_owned));
    parts.extend(url.query().map(|query| format!("{}?{query}", url.path())));
    parts.extend(long_pieces(url.path(), |c| c == '/'));
    parts.extend(long_pieces(url.query().unwrap_or_default(), |c| c == '&' || c == '='));
    parts.extend(long_pieces(url.fragment().unwrap_or_default(), |c| c == '&' || c == '='));
    parts
}

fn long_pieces(text: &str, at: impl Fn(char) -> bool) -> Vec<String> {
    text.split(at).filter(|piece| piece.chars().count() >= SHORTEST_PIECE).map(str::to_owned).collect()
}

/// As it is; percent-encoded with and without what RFC 3986 leaves unreserved, its hexadecimal digits in either case; inside
/// a JSON string, with and without the slash escaped.
fn spellings(part: &str) -> Vec<String> {
    let quoted = serde_json::to_string(part).unwrap_or_default();
    let json = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(part);
    let escaped_slashes = ["/", "\\/", "\\u002f", "\\u002F"].map(|slash| json.replace('/', slash));
    let mut spellings = vec![part.to_owned()];
    spellings.extend(escaped_slashes);
    for keep in ["", "-._~", "-._~/"] {
        spellings.push(percent_encoded(part, keep, |byte| format!("%{byte:02X}")));
        spellings.push(percent_encoded(part, keep, |byte| format!("%{byte:02x}")));
    }
    spellings
}

/// Percent-encodes all but letters, digits and what is in `keep`.
fn percent_encoded(text: &str, keep: &str, encode: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| {
            let kept = byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte);
            if kept { char::from(byte).to_string() } else { encode(byte) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const URL: &str = "https://hooks.slack.com/services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx";

    #[track_caller]
    fn gone(text: &str) {
        let redacted = redact(text, &[URL]);
        for piece in ["T0000000A", "B0000000B", "abcdefgh", "stuvwx"] {
            assert!(!redacted.contains(piece), "{redacted}");
        }
    }

    #[test]
    fn the_url_goes_in_every_spelling() {
        gone(&format!("could not post to {URL}!"));
        gone("POST /services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx HTTP/1.1");
        gone("services/T0000000A/B0000000B/abcdefghijklmnopqrstuvwx");
        gone("https%3A%2F%2Fhooks.slack.com%2Fservices%2FT0000000A%2FB0000000B%2Fabcdefghijklmnopqrstuvwx");
        gone("https%3a%2f%2fhooks%2eslack%2ecom%2fservices%2fT0000000A%2fB0000000B%2fabcdefghijklmnopqrstuvwx");
        gone(r#"{"url":"https:\/\/hooks.slack.com\/services\/T0000000A\/B0000000B\/abcdefghijklmnopqrstuvwx"}"#);
        gone("token abcdefghijklmnopqrstuvwx of team T0000000A");
    }

    #[test]
    fn a_secret_cut_off_at_the_end_goes_too() {
        gone("no such token: abcdefghijklm");
        gone("no such hook: https://hooks.slack.com/services/T0000000A/B0000000B/abcdefghijkl");
        assert_eq!(redact("no such token: abcdefghijklm", &[URL]), "no such token: ***");
    }

    #[test]
    fn a_whole_url_becomes_one_mark_and_the_rest_stays() {
        assert_eq!(redact(&format!("no_service at {URL}."), &[URL]), "no_service at ***.");
        assert_eq!(redact("no_service", &[URL]), "no_service");
    }

    #[test]
    fn encoded_pieces_of_a_url_go_decoded_and_queries_and_passwords_go() {
        let url = "https://user:pa55word@example.com/in/a%20long%20key?token=0123456789&x=1#fragment-secret";
        for text in
            ["a long key", "a%20long%20key", "0123456789", "pa55word", "user", "fragment-secret", "/in/a%20long"]
        {
            let redacted = redact(&format!("echo: {text}"), &[url]);
            assert_eq!(redacted, "echo: ***", "{text}");
        }
    }

    #[test]
    fn header_values_go_whole_and_by_word() {
        let secrets = ["Bearer sk-1234567890\"x", "1"];
        assert_eq!(redact("got Bearer sk-1234567890\"x", &secrets), "got ***");
        assert_eq!(redact(r#"{"key":"sk-1234567890\"x"}"#, &secrets), r#"{"key":"***"}"#);
        assert_eq!(redact("1 of 1", &secrets), "1 of 1", "too short to be told from other text");
    }

    proptest! {
        #[test]
        fn no_secret_survives(
            before in "[ -~]{0,40}", after in "[ -~]{0,40}",
            key in "[A-Za-z0-9_-]{8,40}", value in "[A-Za-z0-9]{4,40}", encoded in any::<bool>(),
        ) {
            let url = format!("https://example.com/hooks/{key}");
            let shown = if encoded { percent_encoded(&url, "", |byte| format!("%{byte:02x}")) } else { url.clone() };
            let redacted = redact(&format!("{before}{shown}{value}{after}"), &[&url, &value]);
            prop_assert!(!redacted.contains(&key), "{}", redacted);
            prop_assert!(!redacted.contains(&value), "{}", redacted);
        }

        #[test]
        fn it_never_panics(text in ".*", secret in ".*") {
            let _ = redact(&text, &[&secret, &format!("https://é.example/{secret}")]);
        }
    }
}
