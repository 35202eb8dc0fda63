//! Replies to requests that no function of this API or of `/events` serves. Both have the same shape.

use super::{SdElementsFailure, metadata};
use crate::http::{Reply, Request, Route};

/// Replies to OPTIONS, to methods that the path does not accept, and to unknown paths (`route` is `None`). Call it
/// after checking that the caller may use the path. OPTIONS gets a 200 with metadata and `Allow`.
///
/// # Errors
///
/// 404 for an unknown path, 405 for a method that the path does not accept.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, SdElementsFailure> {
    let route = route.ok_or(SdElementsFailure::NotFound)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::json(200, &metadata(route.name)).with_header("Allow", route.allowed().join(", ")));
    }
    Err(SdElementsFailure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
