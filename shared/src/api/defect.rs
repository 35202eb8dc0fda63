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
        Some(Api::Flip) => flip::identified(request, flip::FlipFailure::Internal.into()),
        Some(Api::Akinon) => akinon::AkinonFailure::Internal.into(),
        Some(Api::Socotra) => socotra::SocotraFailure::Internal.into(),
        Some(Api::SdElements) | None => sdelements::SdElementsFailure::Internal.into(),
    }
}
