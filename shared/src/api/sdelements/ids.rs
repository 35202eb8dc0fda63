//! Ids in paths. They are checked without percent-decoding, so `%31` does not count as 1.

use super::SdElementsFailure;
use crate::{
    domain::{EventId, WebhookKey},
    http::Request,
    validation,
};

/// Returns the integer id in the path segment `name`: ASCII digits without a leading zero, at most 2^63 - 1.
///
/// # Errors
///
/// 404 if the segment is anything else.
pub fn integer(request: &Request, name: &str) -> Result<u64, SdElementsFailure> {
    let segment = request.path_param(name);
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit()) && !segment.starts_with('0');
    let id = segment.parse().ok().filter(|id| digits && *id <= i64::MAX.unsigned_abs());
    id.ok_or(SdElementsFailure::NotFound)
}

/// Returns the key of the webhook in the path segment `webhook_id`.
///
/// # Errors
///
/// 404 if the segment is not an integer id.
pub fn webhook(request: &Request) -> Result<WebhookKey, SdElementsFailure> {
    integer(request, "webhook_id").map(WebhookKey::sdelements)
}

/// Returns the id of the event in the path segment `delivery_id`. A delivery has the id of its event.
///
/// # Errors
///
/// 404 if the segment is not a ULID.
pub fn event(request: &Request) -> Result<EventId, SdElementsFailure> {
    request.path_param("delivery_id").parse().map_err(|_| SdElementsFailure::NotFound)
}

/// Returns the project in the path segment `project_id`. SD Elements' project ids are integers; those of other
/// producers may be words.
///
/// # Errors
///
/// 404 if the segment is not a valid project id.
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
