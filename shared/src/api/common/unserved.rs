//! Replies to requests that no function serves.

use crate::http::{Reply, Request, Route};

/// Replies to OPTIONS on a known path with a 204 and `Allow`. For every other request, returns the API's error: `missing`
/// for an unknown path (`route` is `None`), and what `refused` makes of the allowed methods for a method that the path
/// does not accept.
///
/// # Errors
///
/// For every request except OPTIONS on a known path.
pub fn unserved<F>(
    request: &Request,
    route: Option<&Route>,
    missing: F,
    refused: impl FnOnce(Vec<&'static str>) -> F,
) -> Result<Reply, F> {
    let route = route.ok_or(missing)?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(refused(route.allowed()))
}
