//! What a defect costs its caller: the 500 of the API to which the path belongs.

use super::{akinon, flip, routes::Route, sdelements, socotra};
use crate::{
    domain::Api,
    http::{Reply, Request},
};

/// The answer to a request whose handler panicked.
#[must_use]
pub fn defect(request: &Request) -> Reply {
    match Route::api(request) {
        Some(Api::Flip) => flip::identified(request, flip::Failure::Internal.into()),
        Some(Api::Akinon) => akinon::Failure::Internal.into(),
        Some(Api::Socotra) => socotra::Failure::Internal.into(),
        _ => sdelements::Failure::Internal.into(),
    }
}
