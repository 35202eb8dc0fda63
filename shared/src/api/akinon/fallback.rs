//! What no function of this API answers.

use super::{AkinonFailure, caller::authenticated};
use crate::{
    api::routes::Route,
    http::{App, Reply, Request},
};

/// Answers OPTIONS, methods that the path does not take, and unknown paths (`route` is `None`).
///
/// # Errors
///
/// 404, 401 or 405, in that order.
pub async fn answer_unserved(app: &App, request: &Request, route: Option<&Route>) -> Result<Reply, AkinonFailure> {
    let route = route.ok_or(AkinonFailure::NotFound)?;
    authenticated(app, request).await?;
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::no_content().with_header("Allow", route.allowed().join(", ")));
    }
    Err(AkinonFailure::MethodNotAllowed(route.allowed()))
}
