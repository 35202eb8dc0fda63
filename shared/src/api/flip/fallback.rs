//! What no function of this API answers, and what every reply of it carries.

use super::FlipFailure;
use crate::http::{Reply, Request, Route};

/// Answers OPTIONS, methods that the path does not take, and unknown paths (`route` is `None`), once the caller may use the path.
///
/// # Errors
///
/// 404 or 405.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, FlipFailure> {
    let route = route.ok_or(FlipFailure::NoSuchPath)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(FlipFailure::MethodNotAllowed(route.allowed()))
}

/// The reply with `flip-request-id`, which every response of Flip has (docs/apis/flip.md): the gateway's id, under which the log has
/// the request too.
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
