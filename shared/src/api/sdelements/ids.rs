//! Ids in paths. They are checked as they stand in the path, so that `%31` is not 1.

use super::SdElementsFailure;
use crate::{
    domain::{EventId, WebhookKey},
    http::Request,
    validation,
};

/// The integer id in that segment: ASCII digits without leading zero, up to 2^63 - 1.
///
/// # Errors
///
/// 404 for anything else.
pub fn integer(request: &Request, name: &str) -> Result<u64, SdElementsFailure> {
    let segment = request.path_param(name);
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit()) && !segment.starts_with('0');
    let id = segment.parse().ok().filter(|id| digits && *id <= i64::MAX.unsigned_abs());
    id.ok_or(SdElementsFailure::NotFound)
}

/// The webhook named by the segment `webhook_id`.
///
/// # Errors
///
/// 404 for what is not an id.
pub fn webhook(request: &Request) -> Result<WebhookKey, SdElementsFailure> {
    integer(request, "webhook_id").map(WebhookKey::sdelements)
}

/// The event named by the segment `delivery_id`: a delivery has the id of its event.
///
/// # Errors
///
/// 404 for what is not a ULID.
pub fn event(request: &Request) -> Result<EventId, SdElementsFailure> {
    request.path_param("delivery_id").parse().map_err(|_| SdElementsFailure::NotFound)
}

/// The project named by the segment `project_id`: SD Elements' are integers, other producers' may be words.
///
/// # Errors
///
/// 404 for what is not a project id.
pub fn project(request: &Request) -> Result<String, SdElementsFailure> {
    let segment = request.path_param("project_id");
    if validation::project::is_valid(segment) { Ok(segment.to_owned()) } else { Err(SdElementsFailure::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Path;

    #[test]
    fn only_plain_positive_integers_are_ids() {
        let at = |segment: &str| {
            let path = Path::from(format!("/api/v2/webhooks/{segment}/").as_str());
            let request = Request { path, ..Request::default() };
            integer(&request, "webhook_id")
        };
        assert_eq!(at("9223372036854775807"), Ok(9_223_372_036_854_775_807));
        for segment in ["", "0", "01", "-1", "+1", "1.0", "%31", "abc", "9223372036854775808", "١", " 1"] {
            assert_eq!(at(segment), Err(SdElementsFailure::NotFound), "{segment}");
        }
    }
}
