//! Parses a body.

use serde_json::Value;

use super::SocotraFailure;
use crate::{
    api::common::json_body::{self, BadBody},
    http::Request,
};

/// Parses the body as JSON.
///
/// # Errors
///
/// 413 if the body is larger than 256 KB, 415 if its media type is not JSON, 400 if it is not valid UTF-8 or not valid
/// JSON.
pub fn parse_body(request: &Request) -> Result<Value, SocotraFailure> {
    json_body::parse(request).map_err(|bad| match bad {
        BadBody::TooLarge => SocotraFailure::TooLarge,
        BadBody::UnsupportedMediaType(_) => SocotraFailure::UnsupportedMediaType,
        BadBody::NotUtf8(_) => SocotraFailure::Malformed("it is not UTF-8".to_owned()),
        BadBody::NotJson(error) => SocotraFailure::Malformed(error.to_string()),
    })
}
