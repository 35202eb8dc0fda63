//! Parses a JSON body, with the same rules for each API that uses it. Each API reports errors in its own words.

use serde_json::Value;

use crate::http::Request;

/// The largest accepted body, in bytes.
pub const MOST: usize = 256 * 1024;

/// Why a body cannot be read. None of the messages quotes the body.
#[derive(Debug, thiserror::Error)]
pub enum BadBody {
    /// The body is larger than [`MOST`].
    #[error("the request body is larger than 256 KB")]
    TooLarge,
    /// The Content-Type is not that of JSON. Holds the header as the caller wrote it.
    #[error("the request body is not application/json")]
    UnsupportedMediaType(String),
    /// The body is not valid UTF-8.
    #[error("the request body is not valid UTF-8: {0}")]
    NotUtf8(std::str::Utf8Error),
    /// The body is not valid JSON, or is nested more than 127 levels deep.
    #[error("the request body is not valid JSON: {0}")]
    NotJson(serde_json::Error),
}

impl BadBody {
    /// The HTTP status for this error: 413, 415 or 400.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::UnsupportedMediaType(_) => 415,
            Self::NotUtf8(_) | Self::NotJson(_) => 400,
        }
    }
}

/// Parses the body as JSON. An empty body counts as an empty object, and a missing Content-Type as JSON.
///
/// # Errors
///
/// The first problem found, checked in this order: size, media type, encoding, syntax.
pub fn parse(request: &Request) -> Result<Value, BadBody> {
    serde_json::from_str(text(request)?).map_err(BadBody::NotJson)
}

fn text(request: &Request) -> Result<&str, BadBody> {
    if request.body.len() > MOST {
        return Err(BadBody::TooLarge);
    }
    if request.body.is_empty() {
        return Ok("{}");
    }
    let kind = request.raw_header("content-type").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if let Some(kind) = kind.filter(|kind| !kind.trim().is_empty()) {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(BadBody::UnsupportedMediaType(kind));
        }
    }
    std::str::from_utf8(&request.body).map_err(BadBody::NotUtf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(kind: Option<&str>, body: &[u8]) -> Request {
        let mut request = Request { body: body.to_vec(), ..Request::default() };
        if let Some(kind) = kind {
            request.headers.insert("content-type", kind.parse().unwrap());
        }
        request
    }

    #[test]
    fn json_is_read_whatever_the_case_and_parameters_of_its_type() {
        for kind in [None, Some(""), Some("application/json"), Some("Application/JSON; charset=utf-8")] {
            assert_eq!(parse(&request(kind, b"[1]")).unwrap(), serde_json::json!([1]), "{kind:?}");
        }
        assert_eq!(parse(&request(Some("text/plain"), b"")).unwrap(), serde_json::json!({}));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let replies = [
            (parse(&request(Some("text/plain"), b"{}")), 415, "the request body is not application/json"),
            (parse(&request(None, &vec![b' '; MOST + 1])), 413, "the request body is larger than 256 KB"),
            (
                parse(&request(None, b"\"\xff\"")),
                400,
                "the request body is not valid UTF-8: invalid utf-8 sequence of 1 bytes from index 1",
            ),
            (parse(&request(None, b"x")), 400, "the request body is not valid JSON: expected value at line 1 column 1"),
            (
                parse(&request(None, deep.as_bytes())),
                400,
                "the request body is not valid JSON: recursion limit exceeded at line 1 column 128",
            ),
        ];
        for (read, status, message) in replies {
            let bad = read.unwrap_err();
            assert_eq!((bad.status(), bad.to_string().as_str()), (status, message));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(&request(None, &body));
        }
    }
}
