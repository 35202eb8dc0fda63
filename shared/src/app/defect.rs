//! The reply after a defect: a 500 in the shape of the API to which the path belongs.

use crate::{
    api::{akinon, flip, operations, sdelements, socotra},
    domain::Api,
    http::{Reply, Request},
};

/// The reply to a request whose handler panicked: a 500 in the shape of the path's API.
#[must_use]
pub fn defect(request: &Request) -> Reply {
    match request.path.api() {
        Some(Api::Flip) => flip::identified(request, flip::FlipFailure::Internal.into()),
        Some(Api::Akinon) => akinon::AkinonFailure::Internal.into(),
        Some(Api::Socotra) => socotra::SocotraFailure::Internal.into(),
        Some(Api::Operations) => operations::OperationsFailure::Internal.into(),
        Some(Api::SdElements) | None => sdelements::SdElementsFailure::Internal.into(),
    }
}
