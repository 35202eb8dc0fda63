//! Reading a JSON body, alike for every API; each says in its own words what is wrong with one.

use serde_json::{Map, Value};

use crate::http::Request;

/// The largest body, in bytes.
pub const MOST: usize = 256 * 1024;

/// Why a body cannot be read.
#[derive(Debug)]
pub enum BadBody {
    /// It is larger than [`MOST`].
    TooLarge,
    /// Its Content-Type, as the caller wrote it, is not that of JSON.
    UnsupportedMediaType(String),
    /// It is no UTF-8.
    NotUtf8(std::str::Utf8Error),
    /// It is no JSON, or nested more than 127 levels deep.
    NotJson(serde_json::Error),
}

/// The body's JSON; an empty body is an empty object, a missing Content-Type is JSON.
///
/// # Errors
///
/// What is wrong with it, in this order: size, media type, encoding, syntax.
pub fn parse(request: &Request) -> Result<Value, BadBody> {
    if request.body.len() > MOST {
        return Err(BadBody::TooLarge);
    }
    if request.body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let kind = request.headers.get("content-type").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if let Some(kind) = kind.filter(|kind| !kind.trim().is_empty()) {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(BadBody::UnsupportedMediaType(kind));
        }
    }
    let text = std::str::from_utf8(&request.body).map_err(BadBody::NotUtf8)?;
    serde_json::from_str(text).map_err(BadBody::NotJson)
}
