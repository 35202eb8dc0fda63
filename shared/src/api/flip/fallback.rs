//! Replies to requests that no function of this API serves, and the header that every reply carries.

use super::FlipFailure;
use crate::{
    api::common,
    http::{Reply, Request, Route},
};

/// Replies to OPTIONS, to methods that the path does not accept, and to unknown paths (`route` is `None`). Call it
/// after checking that the caller may use the path. OPTIONS gets a 204 with `Allow`.
///
/// # Errors
///
/// 404 for an unknown path, 405 for a method that the path does not accept.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, FlipFailure> {
    common::unserved(request, route, FlipFailure::NoSuchPath, FlipFailure::MethodNotAllowed)
}

/// Adds the header `flip-request-id`, which every response of Flip has (docs/apis/flip.md). Its value is the gateway's
/// request id, under which the log records the request. A request without an id gets no header.
#[must_use]
pub fn identified(request: &Request, reply: Reply) -> Reply {
    if request.id.is_empty() { reply } else { reply.with_header("flip-request-id", &request.id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_carry_the_requests_id_if_there_is_one() {
        let request = Request { id: "1-2".to_owned(), ..Request::default() };
        let reply = identified(&request, Reply::no_content());
        assert_eq!(reply.headers, [("flip-request-id", "1-2".to_owned())]);
        assert_eq!(identified(&Request::default(), Reply::no_content()), Reply::no_content());
    }
}
