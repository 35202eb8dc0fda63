//! Shows where a webhook posts to without showing what may be a credential.

use url::Url;

use crate::domain::Secret;

/// Stands for a part that is not shown.
const MASK: &str = "…";

/// Words that are not secrets: they are common in the paths of endpoints, in the values of headers and in replies.
pub const PUBLIC_WORDS: [&str; 30] = [
    "alert",
    "alerts",
    "apikey",
    "basic",
    "bearer",
    "callback",
    "callbacks",
    "digest",
    "event",
    "events",
    "hook",
    "hooks",
    "inbound",
    "incoming",
    "ingest",
    "notification",
    "notifications",
    "notify",
    "payload",
    "public",
    "receive",
    "receiver",
    "rest",
    "services",
    "slack",
    "socotra",
    "token",
    "webhook",
    "webhooks",
    "workflows",
];

/// Parts with fewer characters than this are no secrets, such as `v1` and `api`. Redaction does not look for them either.
const SHORTEST: usize = 4;

/// The hosts of Slack's incoming webhooks.
const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// The URL with each part that may be a secret as `…`: scheme, host and port, and of the path the segments that are
/// known words, such as `https://example.com/hooks/…`.
///
/// Other words could be passphrases, so only [`PUBLIC_WORDS`] and parts of fewer than four characters are shown. Of a
/// Slack URL only `services` is. A user name, a password and every value of a query are masked, and a fragment, which is
/// never sent, is left out. The result is `…` for a text that is not a URL with a host.
#[must_use]
pub fn masked_endpoint(url: &Secret) -> String {
    let Some(url) = Url::parse(url.expose()).ok().filter(Url::has_host) else { return MASK.to_owned() };
    let host = url.host_str().unwrap_or(MASK);
    let user = if url.username().is_empty() && url.password().is_none() { "" } else { "…@" };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let is_slack = SLACK.contains(&host);
    let segments = url.path().split('/').enumerate().map(|(at, segment)| match segment {
        "services" if is_slack && at == 1 => segment,
        "" => "",
        _ if is_slack => MASK,
        segment => shown(segment),
    });
    let path: Vec<_> = segments.collect();
    let query = url.query().map(|query| format!("?{}", masked_query(query))).unwrap_or_default();
    format!("{}://{user}{host}{port}{}{query}", url.scheme(), path.join("/"))
}

/// The query with each value masked, and each name that is not a word.
fn masked_query(query: &str) -> String {
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) => format!("{}={MASK}", shown(name)),
        None => MASK.to_owned(),
    });
    parameters.collect::<Vec<_>>().join("&")
}

/// The part itself if it cannot be a secret; otherwise the mask.
fn shown(part: &str) -> &str {
    let public = part.chars().count() < SHORTEST || PUBLIC_WORDS.contains(&part);
    if public { part } else { MASK }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(url: &str) -> String {
        masked_endpoint(&Secret::new(url))
    }

    #[test]
    fn words_are_shown_and_what_may_be_a_token_is_not() {
        for (url, shown) in [
            ("https://hooks.slack.com/services/T00000000/B00000000/xxxx", "https://hooks.slack.com/services/…/…/…"),
            ("https://hooks.slack.com/services/t/b/words", "https://hooks.slack.com/services/…/…/…"),
            ("https://hooks.slack-gov.com/services/T/B/X", "https://hooks.slack-gov.com/services/…/…/…"),
            ("https://hooks.slack.com/secret/services/b/x", "https://hooks.slack.com/…/…/…/…"),
            ("https://example.com", "https://example.com/"),
            ("https://example.com/hook", "https://example.com/hook"),
            ("https://example.com:8443/api/v2/events/", "https://example.com:8443/api/v2/events/"),
            ("https://example.com/a//b", "https://example.com/a//b"),
            ("https://chat.example/hooks/3dsr7p8ybtbx7gmk9qkjr1oxyz", "https://chat.example/hooks/…"),
            ("https://discord.example/api/webhooks/1234/aB_c/slack", "https://discord.example/api/webhooks/…/…/slack"),
            ("https://example.com/swordfish", "https://example.com/…"),
            ("https://example.com/v123/Hook/a%20b", "https://example.com/…/…/…"),
            ("https://example.com/in?key=secret&Token9=x&secret", "https://example.com/in?key=…&…=…&…"),
            ("https://user:secret@example.com/in#secret", "https://…@example.com/in"),
            ("https://bücher.example/in", "https://xn--bcher-kva.example/in"),
            ("secret", "…"),
            ("mailto:secret", "…"),
            ("", "…"),
        ] {
            assert_eq!(masked(url), shown, "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_token_appears(
            before in prop::collection::vec("[a-z]{1,8}", 0..3),
            tokens in prop::collection::vec("[A-Za-z0-9_-]{13,40}|[a-z]{0,6}[A-Z0-9][a-z0-9]{4,6}[A-Z0-9]", 1..4),
            host in "example\\.com|hooks\\.slack\\.com|a\\.example:8443",
            user in any::<bool>(),
        ) {
            let token = &tokens[0];
            let user = if user { format!("{token}:{token}@") } else { String::new() };
            let path: Vec<_> = before.iter().chain(&tokens).map(String::as_str).collect();
            let url = format!("https://{user}{host}/{}?a={token}&{token}=1&{token}#{token}", path.join("/"));
            let shown = masked(&url);
            for token in &tokens {
                prop_assert!(!shown.contains(token.as_str()), "{} {}", token, shown);
            }
        }

        #[test]
        fn a_slack_url_shows_nothing_after_services(parts in prop::collection::vec("[A-Za-z0-9_-]{1,30}", 3)) {
            let url = format!("https://hooks.slack.com/services/{}", parts.join("/"));
            prop_assert_eq!(masked(&url), "https://hooks.slack.com/services/…/…/…");
        }

        #[test]
        fn whatever_the_text_is_its_path_shows_only_known_words(text in "\\PC{0,60}|https://[a-z]{1,9}/\\PC{0,60}") {
            let masked = masked(&text);
            if let Ok(url) = Url::parse(&text) && url.has_host() {
                let rest = masked.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
                let path = rest.split('?').next().unwrap_or_default();
                for part in path.split('/').skip(1) {
                    prop_assert_eq!(shown(part), part, "{}", masked);
                }
            } else {
                prop_assert_eq!(masked, MASK);
            }
        }
    }
}
