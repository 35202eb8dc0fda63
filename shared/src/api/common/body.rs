//! Reading a request's body.

use serde_json::{Map, Value};

use crate::http::Request;

/// The largest body, in bytes.
const MOST: usize = 256 * 1024;

/// Why a body cannot be read. None of the texts quotes what a text in the body says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is larger than 256 KB.
    #[error("the request body is larger than 256 KB")]
    TooLarge,
    /// It is of that media type.
    #[error("the request body is not application/json")]
    MediaType(String),
    /// Its bytes are no UTF-8; where that shows.
    #[error("the request body is no UTF-8: {0}")]
    NotUtf8(std::str::Utf8Error),
    /// Its text is no JSON, or nested more than 127 levels deep; what is wrong, and where.
    #[error("the request body is no JSON: {0}")]
    NotJson(String),
}

/// The body's JSON; an empty body is an empty object, a missing Content-Type is JSON.
///
/// # Errors
///
/// [`Unreadable`], checked in the order of its cases.
pub fn json(request: &Request) -> Result<Value, Unreadable> {
    if request.body.len() > MOST {
        return Err(Unreadable::TooLarge);
    }
    if request.body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let kind = request.headers.get("content-type").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if let Some(kind) = kind.filter(|kind| !kind.trim().is_empty()) {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Unreadable::MediaType(kind));
        }
    }
    let text = std::str::from_utf8(&request.body).map_err(Unreadable::NotUtf8)?;
    serde_json::from_str(text).map_err(|error| Unreadable::NotJson(error.to_string()))
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
            assert_eq!(json(&request(kind, b"[1]")), Ok(serde_json::json!([1])), "{kind:?}");
        }
        assert_eq!(json(&request(Some("text/plain"), b"")), Ok(serde_json::json!({})));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let kind = "text/plain; charset=x";
        assert_eq!(json(&request(Some(kind), b"{}")), Err(Unreadable::MediaType(kind.to_owned())));
        assert_eq!(json(&request(None, &vec![b' '; MOST + 1])), Err(Unreadable::TooLarge));
        assert!(matches!(json(&request(None, b"\"\xff\"")), Err(Unreadable::NotUtf8(_))));
        let deep = "[".repeat(200) + &"]".repeat(200);
        for text in ["x", "{", deep.as_str()] {
            assert!(matches!(json(&request(None, text.as_bytes())), Err(Unreadable::NotJson(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = json(&request(None, &body));
        }
    }
}
