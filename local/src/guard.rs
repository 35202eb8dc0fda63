//! Who may ask the stack's servers: programs of this machine, and pages that the servers gave themselves.
//!
//! A page from elsewhere can have a browser on this machine send requests to any address of it. Such a request names its page
//! (`Origin`); and a page whose own name was made to resolve to this machine names that (`Host`). Both are refused.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority},
    middleware::{Next, from_fn},
    response::Response,
};

use crate::gateway::own_answer;

/// The routes of a server at that address, for whom it is meant.
pub(crate) fn guarded(router: Router, bound: SocketAddr) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| async move {
        match foreign(request.headers(), request.uri(), bound.ip()) {
            Some(what) => refusal(what),
            None => next.run(request).await,
        }
    }))
}

fn refusal(what: &str) -> Response {
    own_answer(StatusCode::FORBIDDEN, &format!("The local stack takes no requests with a foreign {what}."))
}

/// Which of the two is foreign, if any.
fn foreign(headers: &HeaderMap, uri: &Uri, bound: IpAddr) -> Option<&'static str> {
    let all = |name: HeaderName| headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default());
    let hosts: Vec<_> = all(header::HOST).chain(uri.authority().map(Authority::as_str)).collect();
    if !hosts.iter().all(|host| is_ours(host, bound)) {
        return Some("Host");
    }
    // A page of ours is where its request goes. The port counts: another server of this machine is somebody else.
    let same = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| hosts.contains(&origin));
    (!all(header::ORIGIN).all(same)).then_some("Origin")
}

/// Whether a host, with any port (it may be forwarded), is this machine, or the address that the server was told to listen on.
fn is_ours(host: &str, bound: IpAddr) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    if authority.as_str().contains('@') {
        return false;
    }
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    // An address cannot be made to resolve to another one: behind a server on all addresses, each is its own.
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback() || address == bound || bound.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bound: &str, sent: &[(&'static str, &str)]) -> Option<&'static str> {
        let headers =
            sent.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        foreign(&headers, &Uri::from_static("/a"), bound.parse().unwrap())
    }

    #[test]
    fn only_this_machine_and_the_bound_address_are_hosts() {
        for host in ["localhost:3000", "LocalHost", "127.0.0.1:8000", "127.0.0.1", "[::1]:3000", "172.17.0.1:8000"] {
            assert_eq!(verdict("172.17.0.1", &[("host", host)]), None, "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:3000",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost@evil.example",
            "evil.example@localhost",
            "172.17.0.2:8000",
            "0.0.0.0",
            "",
            "a b",
        ] {
            assert_eq!(verdict("172.17.0.1", &[("host", host)]), Some("Host"), "{host}");
        }
        assert_eq!(
            verdict("127.0.0.1", &[("host", "localhost"), ("host", "evil.example")]),
            Some("Host"),
            "any of several"
        );
        assert_eq!(verdict("0.0.0.0", &[("host", "192.168.1.7:3000")]), None, "all addresses were asked for");
        assert_eq!(verdict("0.0.0.0", &[("host", "evil.example")]), Some("Host"), "all addresses, but no names");
        assert_eq!(verdict("127.0.0.1", &[]), None, "no browser leaves it out");
        let elsewhere = Uri::from_static("http://evil.example/a");
        assert_eq!(foreign(&HeaderMap::new(), &elsewhere, "127.0.0.1".parse().unwrap()), Some("Host"));
    }

    #[test]
    fn only_a_page_of_the_same_server_is_an_origin() {
        let from = |origin: &str| verdict("127.0.0.1", &[("host", "127.0.0.1:3001"), ("origin", origin)]);
        assert_eq!(from("http://127.0.0.1:3001"), None);
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1:5173",
            "http://localhost:3001",
            "https://127.0.0.1:3001",
            "",
        ] {
            assert_eq!(from(origin), Some("Origin"), "{origin}");
        }
    }
}
