//! Replies to requests that no function of this API serves: methods that a path does not accept, and unknown paths.

use super::OperationsFailure;
use crate::{
    api::common,
    http::{Reply, Request, Route},
};

/// Replies to OPTIONS on a known path with a 204 and `Allow`. Every other request is an error. Call it after checking
/// that the caller may use the path.
///
/// # Errors
///
/// 404 for an unknown path (`route` is `None`), 405 for a method that the path does not accept.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, OperationsFailure> {
    common::unserved(request, route, OperationsFailure::NotFound, |allowed| {
        OperationsFailure::MethodNotAllowed(request.method.to_string(), allowed)
    })
}
