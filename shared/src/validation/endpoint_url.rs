//! The URL of an endpoint that is not Slack's: Flip ("Only accepted protocol is HTTPS"), Akinon ("format uri"), Socotra.

use url::{Host, Url};

use super::address;

/// The longest URL, in characters.
pub const MAX: usize = 2048;

/// Why a text is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no absolute URL with a host that DNS could hold, or it has a part that no request could carry (user, password, fragment).
    NotAUrl,
    /// It is a URL, but not https: nothing is ever delivered in the clear.
    NotHttps,
    /// It is longer than [`MAX`].
    TooLong,
    /// Its host is an address of a private or otherwise special network, to which nothing is ever sent.
    NotPublic,
}

/// Accepts an https URL with any port, path and query. A host name is not resolved here: that happens at each attempt.
///
/// # Errors
///
/// Says what is wrong with it.
pub fn check(text: &str) -> Result<(), Refusal> {
    if text.chars().count() > MAX {
        return Err(Refusal::TooLong);
    }
    let repaired = text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let url = Url::parse(text).ok().filter(|_| !repaired).ok_or(Refusal::NotAUrl)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let named = url.domain().is_none_or(is_name);
    if !bare || !url.has_host() || !named {
        return Err(Refusal::NotAUrl);
    }
    let public = match url.host() {
        Some(Host::Ipv4(address)) => !address::is_forbidden(address.into()),
        Some(Host::Ipv6(address)) => !address::is_forbidden(address.into()),
        Some(Host::Domain(name)) => !is_local(name),
        None => false,
    };
    if !public {
        return Err(Refusal::NotPublic);
    }
    // The last, as in Flip's list of errors.
    if url.scheme() == "https" { Ok(()) } else { Err(Refusal::NotHttps) }
}

/// Labels of letters, digits, `-` and, as found in the wild, `_`; international ones are in ASCII by now. URL parsers let more
/// through, as `*`, which no name server would ever resolve.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}

/// Names that RFC 6761 keeps for the machine itself.
fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_accepted_and_why_the_rest_is_not() {
        let long = format!("https://example.com/{}", "x".repeat(MAX));
        let rows = [
            ("https://example.com", Ok(())),
            ("https://example.com:8443/a/b?c=d&e=%20f", Ok(())),
            ("HTTPS://Example.com/", Ok(())),
            ("https://bücher.example/", Ok(())),
            ("https://8.8.8.8/hook", Ok(())),
            ("http://example.com/", Err(Refusal::NotHttps)),
            ("ftp://example.com/", Err(Refusal::NotHttps)),
            ("http://10.0.0.1/", Err(Refusal::NotPublic)),
            ("javascript:alert(1)", Err(Refusal::NotAUrl)),
            ("example.com/hook", Err(Refusal::NotAUrl)),
            ("/hook", Err(Refusal::NotAUrl)),
            ("", Err(Refusal::NotAUrl)),
            ("https://", Err(Refusal::NotAUrl)),
            ("https://user@example.com/", Err(Refusal::NotAUrl)),
            ("https://user:secret@example.com/", Err(Refusal::NotAUrl)),
            ("https://example.com/#part", Err(Refusal::NotAUrl)),
            ("https://exa\tmple.com/", Err(Refusal::NotAUrl)),
            (" https://example.com/", Err(Refusal::NotAUrl)),
            ("https:\\\\example.com\\", Err(Refusal::NotAUrl)),
            ("https://localhost/", Err(Refusal::NotPublic)),
            ("https://app.localhost./", Err(Refusal::NotPublic)),
            ("https://127.0.0.1/", Err(Refusal::NotPublic)),
            ("https://0x7f.1/", Err(Refusal::NotPublic)),
            ("https://169.254.169.254/latest/meta-data", Err(Refusal::NotPublic)),
            ("https://[::1]/", Err(Refusal::NotPublic)),
            ("https://[::ffff:10.0.0.1]/", Err(Refusal::NotPublic)),
            (long.as_str(), Err(Refusal::TooLong)),
        ];
        for (text, expected) in rows {
            assert_eq!(check(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_host_that_no_name_server_resolves_was_accepted() {
        for text in
            ["https://example.com*", "https://*.example.com/", "https://a..example.com/", "https://a$b.example/"]
        {
            assert_eq!(check(text), Err(Refusal::NotAUrl), "{text}");
        }
        assert_eq!(check("https://my_bucket.example.com./"), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_https_and_never_panics(text in "\\PC{0,40}|https?://[a-z0-9.@:/#?\\[\\]-]{0,30}") {
            if check(&text).is_ok() {
                prop_assert!(Url::parse(&text).unwrap().scheme() == "https");
            }
        }
    }
}
