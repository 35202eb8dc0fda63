//! Content negotiation: this API speaks JSON only. (DRF negotiation.DefaultContentNegotiation.)

use super::{
    SdElementsFailure,
    media_type::{self, LONGEST, MediaType},
    python::int,
};
use crate::http::Request;

/// How many characters of an Accept header DRF reads.
const MOST_CHARACTERS: usize = 8192;

/// How many media types of an Accept header DRF reads.
const MOST_TYPES: usize = 64;

/// DRF indents by no more spaces than this.
const MOST_SPACES: usize = 8;

/// Checks that `?format=` and the Accept header allow JSON.
///
/// # Errors
///
/// 404 if the format is not `json`, 406 if the Accept header does not include JSON.
pub(super) fn check(request: &Request) -> Result<(), SdElementsFailure> {
    if request.parameter("format").is_some_and(|format| !format.is_empty() && format != "json") {
        return Err(SdElementsFailure::NotFound);
    }
    let accept = request.raw_header("accept").map(media_type::text).filter(|accept| !accept.trim().is_empty());
    match accept {
        Some(accept) if accepted(&accept).is_none() => Err(SdElementsFailure::NotAcceptable),
        _ => Ok(()),
    }
}

/// Returns by how many spaces (at most 8) to indent the reply, or `None` for a compact reply. Replies about a bad
/// format or Accept header are always compact. (DRF renderers.JSONRenderer.get_indent.)
pub(super) fn indentation(request: &Request) -> Option<usize> {
    check(request).ok()?;
    let accept = request.raw_header("accept").map(media_type::text)?;
    let spaces = int(accepted(&accept)?.parameter("indent")?).filter(|spaces| !spaces.starts_with('-'))?;
    Some(spaces.parse().map_or(MOST_SPACES, |spaces: usize| spaces.min(MOST_SPACES))).filter(|spaces| *spaces > 0)
}

/// Returns the most specific range of the Accept header that includes JSON. If several are equally specific, the first
/// one counts.
fn accepted(accept: &str) -> Option<MediaType> {
    let read = match accept.char_indices().nth(MOST_CHARACTERS) {
        // DRF cuts at a comma, so that it never reads part of a type.
        Some((end, _)) => accept.get(..end).and_then(|start| Some(start.rsplit_once(',')?.0)).unwrap_or_default(),
        None => accept,
    };
    let types = read.split(',').map(str::trim).filter(|media_type| !media_type.is_empty());
    let short = types.filter(|media_type| media_type.chars().count() <= LONGEST).take(MOST_TYPES);
    let json = short.map(MediaType::parse).filter(MediaType::includes_json);
    json.min_by_key(|media_type| std::cmp::Reverse(media_type.precedence()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(accept: &[u8]) -> Result<(), SdElementsFailure> {
        let mut request = Request::default();
        request.headers.insert("accept", http::HeaderValue::from_bytes(accept).unwrap());
        check(&request)
    }

    #[test]
    fn json_is_taken_wherever_it_stands() {
        assert_eq!(check(&Request::default()), Ok(()));
        for accept in
            ["", " ", "*/*", "text/html, application/json;q=0", ",, ,application/*", "text/*,\tAPPLICATION/JSON ; x"]
        {
            assert_eq!(with(accept.as_bytes()), Ok(()), "{accept}");
        }
        assert_eq!(with(format!("{},*/*", "x".repeat(300)).as_bytes()), Ok(()));
    }

    #[test]
    fn anything_else_is_a_406() {
        for accept in [
            &b"text/html"[..],
            b"*",
            b"*/json",
            b",",
            b"application/json\xe9",
            "application/json\u{a0}".as_bytes(),
            "application/json\u{fffd}".as_bytes(),
            "“application/json”".as_bytes(),
        ] {
            assert_eq!(with(accept), Err(SdElementsFailure::NotAcceptable), "{accept:?}");
        }
    }

    #[test]
    fn as_much_is_read_as_drf_reads() {
        assert_eq!(with(format!("{}*/*", "a/b,".repeat(63)).as_bytes()), Ok(()));
        assert_eq!(with(format!("{}*/*", "a/b,".repeat(64)).as_bytes()), Err(SdElementsFailure::NotAcceptable));
        let long = |types: usize| format!("{}*/*", format!("{},", "x".repeat(199)).repeat(types));
        assert_eq!(with(long(40).as_bytes()), Ok(()));
        assert_eq!(with(long(41).as_bytes()), Err(SdElementsFailure::NotAcceptable));
    }

    #[test]
    fn a_format_is_json_or_nothing() {
        let of = |format: &str| {
            check(&Request { query: vec![("format".to_owned(), format.to_owned())], ..Request::default() })
        };
        assert_eq!((of(""), of("json")), (Ok(()), Ok(())));
        assert_eq!((of("xml"), of("JSON")), (Err(SdElementsFailure::NotFound), Err(SdElementsFailure::NotFound)));
    }

    #[test]
    fn the_range_that_says_most_decides_how_a_reply_is_indented() {
        let of = |accept: &str| {
            let mut request = Request::default();
            request.headers.insert("accept", accept.parse().unwrap());
            indentation(&request)
        };
        for (accept, spaces) in [
            ("application/json; indent=4", Some(4)),
            ("*/*;indent=2", Some(2)),
            ("*/*;indent=2, application/json", None),
            ("application/json, application/json;indent=1", Some(1)),
            ("text/html;indent=3, */*", None),
            ("application/json;indent=\"3\"", Some(3)),
            ("application/json;indent=0", None),
            ("application/json;indent=-1", None),
            ("application/json;indent=99999999999999999999", Some(8)),
            ("application/json;indent=x", None),
            ("application/json", None),
        ] {
            assert_eq!(of(accept), spaces, "{accept}");
        }
        assert_eq!(indentation(&Request::default()), None);
        let mut request = Request { query: vec![("format".to_owned(), "xml".to_owned())], ..Request::default() };
        request.headers.insert("accept", http::HeaderValue::from_static("application/json; indent=4"));
        assert_eq!(indentation(&request), None);
    }
}
