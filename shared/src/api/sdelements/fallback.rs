//! What no function of this API answers, nor of `/events`, which has the same shape.

use super::{SdElementsFailure, metadata};
use crate::http::{Reply, Request, Route};

/// Answers OPTIONS, methods that the path does not take, and unknown paths (`route` is `None`), once the caller may use the path.
///
/// # Errors
///
/// 404 or 405.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, SdElementsFailure> {
    let route = route.ok_or(SdElementsFailure::NotFound)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::json(200, &metadata(route.name)).with_header("Allow", route.allowed().join(", ")));
    }
    Err(SdElementsFailure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
