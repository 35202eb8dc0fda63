//! Content negotiation: this API speaks JSON only. (DRF negotiation.DefaultContentNegotiation.)

use super::SdElementsFailure;
use crate::http::Request;

/// Checks `?format=` and the Accept header.
///
/// # Errors
///
/// 404 for a format that is not `json`, 406 for an Accept header without JSON.
pub(super) fn check(request: &Request) -> Result<(), SdElementsFailure> {
    if request.parameter("format").is_some_and(|format| !format.is_empty() && format != "json") {
        return Err(SdElementsFailure::NotFound);
    }
    let accept = request.header("accept").unwrap_or("*/*");
    let json = |range: &str| {
        let range = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(range.as_str(), "*/*" | "application/*" | "application/json" | "*")
    };
    if accept.trim().is_empty() || accept.split(',').any(json) { Ok(()) } else { Err(SdElementsFailure::NotAcceptable) }
}
