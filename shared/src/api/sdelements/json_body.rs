//! Parses a body. (DRF request.Request._parse, parsers.JSONParser.)

use super::{
    SdElementsFailure,
    media_type::{self, LONGEST, MediaType},
    python::{TOO_DEEP, Value, decode, parse as parse_json},
};
use crate::{
    api::common::json_body::MOST,
    domain::{BadJsonText, check_json},
    http::Request,
};

/// Parses the body as Python does. An empty body counts as an empty object, and a missing Content-Type as JSON.
///
/// # Errors
///
/// 413 if the body is larger than 256 KB, 415 if its media type is not JSON, 400 if it is not valid UTF-8 or not valid
/// JSON.
pub fn parse(request: &Request) -> Result<Value, SdElementsFailure> {
    parse_json(text(request, MOST)?).map_err(SdElementsFailure::Parse)
}

/// Checks the body as [`parse`] does and returns its text, without building values from it.
///
/// # Errors
///
/// The same as [`parse`].
pub fn checked(request: &Request) -> Result<&str, SdElementsFailure> {
    let text = text(request, MOST)?;
    match check_json(text) {
        Ok(()) => Ok(text),
        Err(BadJsonText::TooDeep) => Err(SdElementsFailure::Parse(TOO_DEEP.to_owned())),
        // Both parsers accept the same grammar; only this one has Python's messages.
        Err(other) => Err(SdElementsFailure::Parse(parse_json(text).err().unwrap_or_else(|| other.to_string()))),
    }
}

/// Returns the body's text, which may be any text of at most `most` bytes. An empty body counts as an empty object.
///
/// # Errors
///
/// 413 if the body is larger, 415 if its media type is not JSON, 400 if it is not valid UTF-8.
pub fn text(request: &Request, most: usize) -> Result<&str, SdElementsFailure> {
    if request.body.len() > most {
        return Err(SdElementsFailure::TooLarge);
    }
    if request.body.is_empty() {
        return Ok("{}");
    }
    let kind = request.raw_header("content-type").map(media_type::text).unwrap_or_default();
    let is_json = kind.chars().count() <= LONGEST && MediaType::parse(&kind).includes_json();
    if !kind.trim().is_empty() && !is_json {
        return Err(SdElementsFailure::UnsupportedMediaType(kind));
    }
    decode(&request.body).map_err(SdElementsFailure::Parse)
}

#[cfg(test)]
mod tests {
    use super::{super::python::Dict, *};

    fn request(kind: Option<&[u8]>, body: &[u8]) -> Request {
        let mut headers = http::HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert("content-type", http::HeaderValue::from_bytes(kind).unwrap());
        }
        Request { headers, body: body.to_vec(), ..Request::default() }
    }

    #[test]
    fn json_is_read_whatever_the_case_and_parameters_of_its_type() {
        let kinds = ["", " ", "application/json", "Application/JSON; charset=utf-8", "application/*", "*/*"];
        for kind in [None].into_iter().chain(kinds.map(|kind| Some(kind.as_bytes()))) {
            assert_eq!(parse(&request(kind, b"[]")), Ok(Value::List(vec![])), "{kind:?}");
            assert_eq!(checked(&request(kind, b"[]")), Ok("[]"), "{kind:?}");
        }
        assert_eq!(parse(&request(Some(b"text/plain"), b"")), Ok(Value::Dict(Dict::default())));
    }

    #[test]
    fn other_types_are_named_as_drf_names_them() {
        let long = format!("application/json;{}", "a".repeat(256));
        for (kind, shown) in [
            (&b"text/plain; charset=x"[..], "text/plain; charset=x"),
            ("text/é".as_bytes(), "text/\u{c3}\u{a9}"),
            ("text/\u{fffd}".as_bytes(), "text/\u{fffd}"),
            (b"*", "*"),
            (long.as_bytes(), &long),
        ] {
            let failure = SdElementsFailure::UnsupportedMediaType(shown.to_owned());
            assert_eq!(parse(&request(Some(kind), b"{}")), Err(failure), "{shown}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (body, message) in [
            (&b"\"\xf0\x9f\x91\""[..], "'utf-8' codec can't decode bytes in position 1-3: invalid continuation byte"),
            (deep.as_bytes(), "The document is nested more than 127 levels deep"),
            (b"x", "Expecting value: line 1 column 1 (char 0)"),
            (b"[NaN]", "Out of range float values are not JSON compliant: 'NaN'"),
            (b"{\"a\": \"\\u12\"}", "Invalid \\uXXXX escape: line 1 column 9 (char 8)"),
        ] {
            let failure = SdElementsFailure::Parse(message.to_owned());
            assert_eq!(parse(&request(None, body)), Err(failure.clone()));
            assert_eq!(checked(&request(None, body)), Err(failure));
        }
        let large = vec![b' '; MOST + 1];
        assert_eq!(parse(&request(None, &large)), Err(SdElementsFailure::TooLarge));
        assert_eq!(checked(&request(None, &large)), Err(SdElementsFailure::TooLarge));
    }
}
