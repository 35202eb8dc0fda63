//! What paths of this API answer that no function serves: methods that they do not take, and paths that do not exist.

use super::SocotraFailure;
use crate::http::{Reply, Request, Route};

/// 204 with `Allow` for OPTIONS on a known path, once the caller may use it; nothing else is served.
///
/// # Errors
///
/// 404 for an unknown path (`route` is `None`); 405.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, SocotraFailure> {
    let route = route.ok_or(SocotraFailure::NotFound)?;
    if request.method == "OPTIONS" {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(SocotraFailure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
