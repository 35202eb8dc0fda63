//! Replies to requests that no function of this API serves.

use super::AkinonFailure;
use crate::{
    api::common,
    http::{Reply, Request, Route},
};

/// Replies to OPTIONS, to methods that the path does not accept, and to unknown paths (`route` is `None`). Call it
/// after checking that the caller may use the path. OPTIONS gets a 204 with `Allow`.
///
/// # Errors
///
/// 404 for an unknown path, 405 for a method that the path does not accept.
pub fn unserved(request: &Request, route: Option<&Route>) -> Result<Reply, AkinonFailure> {
    common::unserved(request, route, AkinonFailure::NotFound, AkinonFailure::MethodNotAllowed)
}
