//! What a caller asked, whichever runner brought it.

use std::fmt;

use http::{HeaderMap, HeaderValue, Method};

use super::{Audit, OwnHosts, Path};

/// A request, decoded from the gateway's event once. Its `Debug` shows neither headers nor path, query and body, which hold keys.
#[derive(Clone, Default)]
pub struct Request {
    /// The id that the gateway gave the request, a uuid on AWS; empty where no gateway is.
    pub id: String,
    /// The method, for example `PATCH`.
    pub method: Method,
    /// The path, with the route that it leads to.
    pub path: Path,
    /// The absolute URL of that path without its query, built from what the gateway says (never from a header).
    pub url: String,
    /// The names under which the API itself is reached.
    pub own_hosts: OwnHosts,
    /// The decoded query parameters in order, repeats included.
    pub query: Vec<(String, String)>,
    /// The headers; names compare without regard to case.
    pub headers: HeaderMap,
    /// The body's bytes, base64 undone.
    pub body: Vec<u8>,
    /// What the log line says of it.
    pub audit: Audit,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("id", &self.id).field("method", &self.method).finish_non_exhaustive()
    }
}

impl Request {
    /// A header's value, of a repeated header the last, if it is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.raw_header(name).and_then(|value| value.to_str().ok())
    }

    /// A header's value, of a repeated header the last, whatever its bytes are.
    #[must_use]
    pub fn raw_header(&self, name: &str) -> Option<&HeaderValue> {
        self.headers.get_all(name).iter().next_back()
    }

    /// The last value of a query parameter, as Django's `QueryDict` has it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The segment of the path that stands where the route has `{name}`, still percent-encoded; empty if it has no such parameter.
    #[must_use]
    pub fn path_param(&self, name: &str) -> &str {
        self.path.param(name)
    }
}
