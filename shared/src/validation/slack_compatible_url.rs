//! Rules for the URLs of receivers that take Slack's messages, such as Mattermost, Rocket.Chat and Discord's `/slack`, on
//! hosts that an operator has named for the organization. Outhook's own extension of SD Elements' API.

use url::Url;

use super::{endpoint_url, slack_url};

/// Whether the text is a URL to which an organization with those hosts may post Slack messages: an https URL of a public
/// endpoint ([`endpoint_url::check`]: no user, password, fragment or private address) on one of the hosts, with the
/// port 443 or none, and with a path. A query is accepted.
#[must_use]
pub fn is_valid(text: &str, hosts: &[String]) -> bool {
    let Some(url) = Url::parse(text).ok().filter(|_| endpoint_url::check(text).is_ok()) else { return false };
    let named = url.domain().is_some_and(|host| hosts.iter().any(|named| named == host) && !host.ends_with('.'));
    named && url.port().is_none() && url.path() != "/"
}

/// Reads the name of a host, as an operator gives it, in lower case. `None` if it is not a public DNS name, or is one of
/// Slack's own hosts, for whose URLs the documented rule stays.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let address = format!("https://{text}/");
    let url = Url::parse(&address).ok().filter(|_| endpoint_url::check(&address).is_ok())?;
    let host = url.domain()?;
    let slack = slack_url::is_valid(&format!("https://{host}/services/T/B/X"));
    // Whatever else the text holds, such as a port or a path, is not part of the name.
    (host.eq_ignore_ascii_case(text) && !host.ends_with('.') && !slack).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "chat.example.com";

    #[test]
    fn only_the_hosts_that_are_named_pass_and_only_by_https() {
        let hosts = [HOST.to_owned(), "discord.com".to_owned()];
        for text in [
            "https://chat.example.com/hooks/xyz",
            "https://chat.example.com:443/hooks/xyz",
            "https://CHAT.example.com/hooks/xyz?a=b",
            "https://discord.com/api/webhooks/1/token/slack",
        ] {
            assert!(is_valid(text, &hosts), "{text}");
            assert!(!is_valid(text, &[]), "{text}");
        }
        for text in [
            "http://chat.example.com/hooks/xyz",
            "https://chat.example.com:8443/hooks/xyz",
            "https://chat.example.com:80/hooks/xyz",
            "https://chat.example.com",
            "https://chat.example.com/",
            "https://chat.example.com/?a=b",
            "https://chat.example.com./hooks/xyz",
            "https://user@chat.example.com/hooks/xyz",
            "https://chat.example.com@evil.example/hooks/xyz",
            "https://chat.example.com.evil.example/hooks/xyz",
            "https://x.chat.example.com/hooks/xyz",
            "https://example.com/hooks/xyz",
            "https://chat.example.com/hooks/xyz#part",
            "https://chat.example.com\\@evil.example/hooks/xyz",
            "https:chat.example.com/hooks/xyz",
            "chat.example.com/hooks/xyz",
            "",
        ] {
            assert!(!is_valid(text, &hosts), "{text}");
        }
    }

    #[test]
    fn an_address_never_passes_even_if_it_was_named() {
        for address in ["10.0.0.1", "127.0.0.1", "[::1]", "localhost", "169.254.169.254", "8.8.8.8"] {
            let hosts = [address.to_owned()];
            assert!(!is_valid(&format!("https://{address}/hooks/x"), &hosts), "{address}");
            assert_eq!(host(address), None, "{address}");
        }
    }

    #[test]
    fn a_host_is_a_public_name_and_not_slacks_own() {
        assert_eq!(host("Chat.Example.com").as_deref(), Some(HOST));
        assert_eq!(host("xn--bcher-kva.example").as_deref(), Some("xn--bcher-kva.example"));
        for text in [
            "",
            "chat",
            "chat.example.com:443",
            "chat.example.com.",
            "hooks.slack.com.",
            "chat.example.com/hooks",
            "https://chat.example.com",
            "user@chat.example.com",
            "*.example.com",
            "bücher.example",
            "metadata.google.internal",
            "hooks.slack.com",
            "hooks.slack-gov.com",
            "chat.example.com ",
        ] {
            assert_eq!(host(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_at_one_of_the_hosts(
            start in "https://|http://|https:", user in "|a@|a:b@", name in "chat\\.example\\.com|evil\\.example|10\\.0\\.0\\.1",
            port in "|:443|:8443", path in "|/|/[a-z.%/\\\\@]{0,8}", tail in "|\\?a=b|#c",
        ) {
            let text = format!("{start}{user}{name}{port}{path}{tail}");
            if is_valid(&text, &[HOST.to_owned()]) {
                prop_assert!(text.starts_with("https://chat.example.com/") || text.starts_with("https://chat.example.com:443/"), "{}", text);
            }
        }
    }
}
