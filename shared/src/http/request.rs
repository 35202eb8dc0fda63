//! A request, the same under every runner (Lambda, `cargo local`, emulators).

use std::{fmt, net::IpAddr};

use http::{HeaderMap, HeaderValue, Method, header::COOKIE};

use super::{Audit, OwnHosts, Path};

/// A request, decoded from the gateway's event. `Debug` shows only id and method, because the other parts may contain
/// keys.
#[derive(Clone, Default)]
pub struct Request {
    /// The gateway's id of the request, a uuid on AWS; empty if there is no gateway.
    pub id: String,
    /// The method, for example `PATCH`.
    pub method: Method,
    /// The path, with its route.
    pub path: Path,
    /// The request's absolute URL without the query, for links in replies. It is built from the gateway's request
    /// context or the public URL, never from a header.
    pub url: String,
    /// The hosts of the API itself, which cannot be endpoints.
    pub own_hosts: OwnHosts,
    /// The decoded query parameters in order, including repeated ones.
    pub query: Vec<(String, String)>,
    /// The headers. Their names are case-insensitive.
    pub headers: HeaderMap,
    /// The body's bytes, decoded from base64 if necessary.
    pub body: Vec<u8>,
    /// What the log line says about the request.
    pub audit: Audit,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("id", &self.id).field("method", &self.method).finish_non_exhaustive()
    }
}

impl Request {
    /// The value of a header, or its last value if it is repeated. `None` if it has characters other than visible
    /// ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.raw_header(name).and_then(|value| value.to_str().ok())
    }

    /// The value of a header, or its last value if it is repeated, with any bytes.
    #[must_use]
    pub fn raw_header(&self, name: &str) -> Option<&HeaderValue> {
        self.headers.get_all(name).iter().next_back()
    }

    /// The value of a query parameter, or its last value if it is repeated, as in Django's `QueryDict`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a cookie. If it is repeated, the first counts: browsers send the one with the longest path first, and other
    /// sites of the same domain can only set one with a shorter path or the same.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let headers = self.headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
    }

    /// The address from which the request came, as the gateway saw it.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.audit.address
    }

    /// The value of the route's parameter `{name}`, still percent-encoded; empty if there is no such parameter.
    #[must_use]
    pub fn path_param(&self, name: &str) -> &str {
        self.path.param(name)
    }
}
