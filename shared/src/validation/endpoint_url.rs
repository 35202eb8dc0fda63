//! Rules for the URL of an endpoint in the APIs of Flip ("Only accepted protocol is HTTPS"), Akinon ("format uri") and
//! Socotra.

use url::{Host, Url};

use super::address;

/// The longest URL, in characters.
pub const MAX: usize = 2048;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not an absolute URL, its host cannot be a DNS name, or it has a part that is not allowed: user, password
    /// or fragment.
    NotAUrl,
    /// It is a URL, but not https. Nothing is delivered unencrypted.
    NotHttps,
    /// It is longer than [`MAX`].
    TooLong,
    /// Its host is an address that is not on the public internet, or a name that public name servers do not know.
    NotPublic,
    /// Its port belongs to a protocol other than HTTP.
    BadPort,
}

/// The ports to which nothing is sent, because other protocols use them: the "bad ports" of the Fetch standard, which
/// browsers block too, and 0.
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Domains for which public name servers do not answer: those that RFC 6761, 6762, 7686 and 8375 reserve, the one that
/// ICANN reserves for private use (`internal`, where clouds have their metadata services), and those that networks use
/// without a reservation.
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "invalid",
    "onion",
    "alt",
];

/// Checks that the text is an https URL with a public host. Any path and query are accepted, and any port except those
/// of other protocols. Host names are not resolved here, but at each attempt.
///
/// # Errors
///
/// The rule that is broken. If several are, [`Refusal::NotHttps`] comes last, as in Flip's list of errors.
pub fn check(text: &str) -> Result<(), Refusal> {
    if text.chars().count() > MAX {
        return Err(Refusal::TooLong);
    }
    let repaired = text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    // The parser silently repairs `https:example.com`, `https:///example.com` and `https://@example.com`. They are
    // refused here.
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let written = authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@'));
    let url = Url::parse(text).ok().filter(|_| !repaired && written).ok_or(Refusal::NotAUrl)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let named = url.domain().is_none_or(is_name);
    if !bare || !url.has_host() || !named {
        return Err(Refusal::NotAUrl);
    }
    let public = match url.host() {
        Some(Host::Ipv4(address)) => !address::is_forbidden(address.into()),
        Some(Host::Ipv6(address)) => !address::is_forbidden(address.into()),
        Some(Host::Domain(name)) => !is_private(name),
        None => false,
    };
    if !public {
        return Err(Refusal::NotPublic);
    }
    if url.port().is_some_and(|port| BAD_PORTS.contains(&port)) {
        return Err(Refusal::BadPort);
    }
    // The scheme is checked last, in the order of Flip's list of errors.
    if url.scheme() == "https" { Ok(()) } else { Err(Refusal::NotHttps) }
}

/// Whether the name can be a DNS name: labels of ASCII letters, digits, `-` and `_` (which is used in practice), not
/// longer than DNS allows. The URL parser has converted international names to ASCII. It accepts more, such as `*`,
/// which no name server resolves.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(label)
}

/// Whether only a private network can know the name: it has a single label, or is in one of the domains of [`PRIVATE`].
fn is_private(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let within = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !name.contains('.') || PRIVATE.iter().any(|domain| within(domain))
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
            ("https:example.com", Err(Refusal::NotAUrl)),
            ("https:/example.com", Err(Refusal::NotAUrl)),
            ("https:///example.com", Err(Refusal::NotAUrl)),
            ("https://@example.com/", Err(Refusal::NotAUrl)),
            ("https://:@example.com/", Err(Refusal::NotAUrl)),
            ("https://example.com/a@b?c=d://e", Ok(())),
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
            ("https://example.com:443/", Ok(())),
            ("https://example.com:80/", Ok(())),
            ("https://example.com:0/", Err(Refusal::BadPort)),
            ("https://example.com:22/", Err(Refusal::BadPort)),
            ("https://8.8.8.8:025/", Err(Refusal::BadPort)),
            ("http://example.com:6667/", Err(Refusal::BadPort)),
            ("https://example.com:65536/", Err(Refusal::NotAUrl)),
            (long.as_str(), Err(Refusal::TooLong)),
        ];
        for (text, expected) in rows {
            assert_eq!(check(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_host_that_only_a_private_network_knows_is_refused() {
        for host in [
            "metadata.google.internal",
            "METADATA.google.internal.",
            "ip-10-0-0-1.eu-west-1.compute.internal",
            "x.local",
            "kubernetes.default.svc.cluster.local",
            "localhost.localdomain",
            "a.localhost",
            "printer.lan",
            "router.home.arpa",
            "wiki.corp",
            "x.onion",
            "intranet",
            "metadata",
            "metadata.",
            "kubernetes",
        ] {
            assert_eq!(check(&format!("https://{host}/")), Err(Refusal::NotPublic), "{host}");
            assert_eq!(check(&format!("https://{host}:8443/a?b")), Err(Refusal::NotPublic), "{host}");
        }
        for host in
            ["internal.example.com", "mylocal.example", "notlocal.com", "a.internal.co", "xinternal.com", "lan.de"]
        {
            assert_eq!(check(&format!("https://{host}/")), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_is_as_long_as_dns_allows() {
        let label = "a".repeat(63);
        assert_eq!(check(&format!("https://{label}.example/")), Ok(()));
        assert_eq!(check(&format!("https://a{label}.example/")), Err(Refusal::NotAUrl));
        assert_eq!(check(&format!("https://{}example/", format!("{label}.").repeat(4))), Err(Refusal::NotAUrl));
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
