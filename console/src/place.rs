//! Where the console is: the beginning of its links.

use http::header::{HOST, ORIGIN};
use shared::http::Request;

/// Where the console is, as the visitor's browser sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The path of the first page, with the stage or a custom domain's base path, for example `/prod/console`.
    base: String,
    /// The scheme and host, for example `https://hooks.example`.
    origin: String,
}

impl Place {
    /// The place of the console that this request asks for a page.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let (origin, path) = split(&request.url);
        let below = request.path.after_base();
        let before = path.strip_suffix(below).unwrap_or_default();
        Self { base: format!("{before}/console"), origin: origin.to_owned() }
    }

    /// The link to the page at this path, which begins with a slash, or is empty for the first page.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The path of the console, to which its cookie is limited.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.base
    }

    /// Whether the request comes from a page of the console or from a program that is no browser. A browser names the page
    /// in `Origin` with every request that changes something; RFC 6454, section 7.
    #[must_use]
    pub fn is_origin_of(&self, request: &Request) -> bool {
        let Some(origin) = request.raw_header(ORIGIN.as_str()) else {
            return request.header("sec-fetch-site").is_none_or(|site| site == "same-origin");
        };
        let Ok(origin) = origin.to_str() else { return false };
        let (_, host) = origin.split_once("://").unwrap_or_default();
        let own = origin == self.origin;
        own || (!host.is_empty() && request.header(HOST.as_str()) == Some(host))
    }
}

/// The path below the console's first page, in segments; empty for the first page. One trailing slash is ignored.
pub(crate) fn segments(request: &Request) -> Vec<&str> {
    let below = request.path.after_base();
    let below = below.strip_prefix("/console").unwrap_or_default();
    let below = below.strip_suffix('/').unwrap_or(below);
    below.strip_prefix('/').map(|below| below.split('/').collect()).unwrap_or_default()
}

/// Splits an absolute URL into its origin and the rest.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..].find('/').map_or(url.len(), |at| host + at);
    url.split_at(path)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use shared::http::Path;

    use super::*;

    fn request(url: &str, path: &str, base: usize) -> Request {
        Request { url: url.to_owned(), path: Path::new(path, base), ..Request::default() }
    }

    #[test]
    fn links_begin_where_the_browser_sees_the_console() {
        for (url, path, base, wanted) in [
            ("https://a.example/prod/console", "/console", 0, "/prod/console/webhooks"),
            ("https://a.example/prod/console/events/x/", "/console/events/x/", 0, "/prod/console/webhooks"),
            ("https://a.example/hooks/console/events", "/hooks/console/events", 1, "/hooks/console/webhooks"),
            ("http://127.0.0.1:3000/console/", "/console/", 0, "/console/webhooks"),
            ("/console", "/console", 0, "/console/webhooks"),
        ] {
            assert_eq!(Place::of(&request(url, path, base)).link("/webhooks"), wanted, "{url}");
        }
    }

    #[test]
    fn a_path_has_the_segments_below_the_console() {
        let segments = |path: &str| segments(&request("", path, 0)).join("|");
        assert_eq!(segments("/console"), "");
        assert_eq!(segments("/console/"), "");
        assert_eq!(segments("/console/webhooks/a:1/"), "webhooks|a:1");
        assert_eq!(segments("/console//x"), "|x");
    }

    #[test]
    fn only_the_own_pages_are_an_origin() {
        let from = |headers: &[(&'static str, &'static str)]| {
            let mut request = request("https://own.example/prod/console/leave", "/console/leave", 0);
            request.headers = HeaderMap::from_iter(
                headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))),
            );
            Place::of(&request).is_origin_of(&request)
        };
        assert!(from(&[]), "a program");
        assert!(from(&[("origin", "https://own.example")]));
        assert!(from(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        for origin in
            ["https://evil.example", "null", "", "https://own.example.evil.example", "https://", "own.example"]
        {
            assert!(!from(&[("origin", origin), ("host", "own.example")]), "{origin}");
        }
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("sec-fetch-site", "none")]));
    }
}
