//! What paths of this API answer that no function serves: methods that they do not take, and paths that do not exist.

use super::{Failure, caller};
use crate::{
    api::routes::Route,
    http::{App, Reply, Request},
};

/// Whether a path is this API's, known or not.
#[must_use]
pub fn is_path(request: &Request) -> bool {
    let known = Route::of(request).is_some_and(|route| route.path.starts_with(ROOT));
    known || request.path.starts_with(ROOT) || request.path == "/event"
}

const ROOT: &str = "/event/";

/// 204 with `Allow` for OPTIONS on a known path; nothing else is served.
///
/// # Errors
///
/// 404 for an unknown path; 401 or 404 for a caller from elsewhere; 405.
pub async fn fallback(app: &App, request: &Request) -> Result<Reply, Failure> {
    let route = Route::of(request).filter(|route| route.path.starts_with(ROOT)).ok_or(Failure::NotFound)?;
    caller(app, request, route.path, &[]).await?;
    if request.method == "OPTIONS" {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(Failure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
