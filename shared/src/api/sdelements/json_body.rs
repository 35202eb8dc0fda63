//! Reading a body. (DRF request.Request._parse, parsers.JSONParser.)

use serde_json::Value;

use super::{SdElementsFailure, python_json::complaint};
use crate::{
    api::common::json_body::{self, BadBody},
    http::Request,
};

/// The body's JSON; an empty body is an empty object, a missing Content-Type is JSON.
///
/// # Errors
///
/// 413 above 256 KB, 415 for another media type, 400 for what is not valid UTF-8 or not valid JSON.
pub fn parse(request: &Request) -> Result<Value, SdElementsFailure> {
    json_body::parse(request).map_err(|bad| said(request, bad))
}

/// The same body as text, in which numbers and escapes that [`parse`] cannot hold may stand.
///
/// # Errors
///
/// As [`parse`].
pub fn checked(request: &Request) -> Result<&str, SdElementsFailure> {
    json_body::checked(request).map_err(|bad| said(request, bad))
}

fn said(request: &Request, bad: BadBody) -> SdElementsFailure {
    match bad {
        BadBody::TooLarge => SdElementsFailure::TooLarge,
        BadBody::UnsupportedMediaType(kind) => SdElementsFailure::UnsupportedMediaType(kind),
        BadBody::NotUtf8(error) => {
            let at = error.valid_up_to();
            let byte = request.body.get(at).copied().unwrap_or_default();
            let reason = match (error.error_len(), byte) {
                (None, _) => "unexpected end of data",
                (Some(1), 0x80..=0xc1 | 0xf5..=0xff) => "invalid start byte",
                _ => "invalid continuation byte",
            };
            SdElementsFailure::Parse(format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: {reason}"))
        }
        BadBody::NotJson(_) => SdElementsFailure::Parse(complaint(&String::from_utf8_lossy(&request.body))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: Option<&str>, body: &[u8]) -> Request {
        let mut headers = http::HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert("content-type", kind.parse().unwrap());
        }
        Request { headers, body: body.to_vec(), ..Request::default() }
    }

    #[test]
    fn json_is_read_whatever_the_case_and_parameters_of_its_type() {
        for kind in [None, Some(""), Some("application/json"), Some("Application/JSON; charset=utf-8")] {
            assert_eq!(parse(&request(kind, b"[1]")), Ok(serde_json::json!([1])), "{kind:?}");
        }
        assert_eq!(parse(&request(Some("text/plain"), b"")), Ok(serde_json::json!({})));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let kind = "text/plain; charset=x".to_owned();
        assert_eq!(parse(&request(Some(&kind), b"{}")), Err(SdElementsFailure::UnsupportedMediaType(kind)));
        assert_eq!(parse(&request(None, &vec![b' '; json_body::MOST + 1])), Err(SdElementsFailure::TooLarge));
        let utf8 = "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte".to_owned();
        assert_eq!(parse(&request(None, b"\"\xff\"")), Err(SdElementsFailure::Parse(utf8)));
        let deep = "[".repeat(200) + &"]".repeat(200);
        let message = "The document is nested more than 127 levels deep".to_owned();
        assert_eq!(parse(&request(None, deep.as_bytes())), Err(SdElementsFailure::Parse(message)));
        let value = "Expecting value: line 1 column 1 (char 0)".to_owned();
        assert_eq!(parse(&request(None, b"x")), Err(SdElementsFailure::Parse(value)));
    }
}
