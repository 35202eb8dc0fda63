//! What no function of this API answers.

use super::AkinonFailure;
use crate::http::{Reply, Request, Route};

/// Answers OPTIONS, methods that the path does not take, and unknown paths (`route` is `None`), once the caller may use the path.
///
/// # Errors
///
/// 404 or 405.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, AkinonFailure> {
    let route = route.ok_or(AkinonFailure::NotFound)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(AkinonFailure::MethodNotAllowed(route.allowed()))
}
