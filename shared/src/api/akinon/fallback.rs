//! Replies to requests that no function of this API serves.

use super::AkinonFailure;
use crate::http::{Reply, Request, Route};

/// Replies to OPTIONS, to methods that the path does not accept, and to unknown paths (`route` is `None`). Call it
/// after checking that the caller may use the path. OPTIONS gets a 204 with `Allow`.
///
/// # Errors
///
/// 404 for an unknown path, 405 for a method that the path does not accept.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, AkinonFailure> {
    let route = route.ok_or(AkinonFailure::NotFound)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(AkinonFailure::MethodNotAllowed(route.allowed()))
}
