//! What paths of this API answer that no function serves: methods that they do not take, and paths that do not exist.

use super::{SocotraFailure, caller};
use crate::{
    api::routes::Route,
    http::{App, Reply, Request},
};

/// 204 with `Allow` for OPTIONS on a known path; nothing else is served.
///
/// # Errors
///
/// 404 for an unknown path; 401 or 404 for a caller from elsewhere; 405.
pub async fn answer_unserved(app: &App, request: &Request, route: Option<&Route>) -> Result<Reply, SocotraFailure> {
    // A path of this API may end as one of another does: `/event/{tenantLocator}/events` is not `/events`.
    let route = route.filter(|route| route.path.starts_with("/event/")).ok_or(SocotraFailure::NotFound)?;
    caller(app, request, route.path, &[]).await?;
    if request.method == "OPTIONS" {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(SocotraFailure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
