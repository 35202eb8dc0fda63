//! What no function of this API answers, nor of `/events`, which has the same shape.

use super::{SdElementsFailure, caller, metadata, publisher, super_user};
use crate::{
    api::routes::Route,
    http::{App, Reply, Request},
};

/// Answers OPTIONS, methods that the path does not take, and unknown paths (`route` is `None`).
///
/// # Errors
///
/// 404, 406, 401, 403 or 405, in that order.
pub async fn answer_unserved(app: &App, request: &Request, route: Option<&Route>) -> Result<Reply, SdElementsFailure> {
    let route = route.ok_or(SdElementsFailure::NotFound)?;
    // As DRF has it, who may not use a view is not told its methods.
    if route.name == "Activity List" {
        publisher(app, request).await?;
    } else if route.path.starts_with("/api/v2/") {
        super_user(app, request).await?;
    } else {
        caller(app, request).await?;
    }
    if request.method == http::Method::OPTIONS {
        return Ok(Reply::json(200, &metadata(route.name)).with_header("Allow", route.allowed().join(", ")));
    }
    Err(SdElementsFailure::MethodNotAllowed(request.method.to_string(), route.allowed()))
}
