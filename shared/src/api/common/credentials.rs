//! Reads the Authorization header, with the same rules for each API that uses it: `Token <key>` or `Bearer <key>`.

use crate::http::Request;

/// The content of an Authorization header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials<'r> {
    /// There is no header, or it has another scheme.
    None,
    /// The scheme is `Token` or `Bearer`, but no key follows.
    NoKey,
    /// More than one word follows the scheme.
    Spaces,
    /// The key is not valid UTF-8. It may contain U+FFFD instead, because a gateway replaces invalid bytes with it.
    NotText,
    /// A key. Nothing has checked yet whether it belongs to anyone.
    Key(&'r str),
}

/// Reads the credentials of a request. A header that contains anything but visible ASCII counts as absent. The case of
/// the scheme is ignored. Quotes around the key are removed, because SD Elements' documents print them.
#[must_use]
pub fn of(request: &Request) -> Credentials<'_> {
    read(request.header("authorization").unwrap_or_default().as_bytes())
}

/// Reads the credentials of a request as [`of`] does, but accepts a header with any bytes.
#[must_use]
pub fn of_any_bytes(request: &Request) -> Credentials<'_> {
    read(request.raw_header("authorization").map_or(&[], http::HeaderValue::as_bytes))
}

/// The message for a key that is unknown, revoked, expired, or not a key at all.
pub const INVALID_TOKEN: &str = "The bearer token is not valid.";

/// Returns the key that the request carries.
///
/// # Errors
///
/// The message that says whether there is no key, or no usable one.
pub fn key(request: &Request) -> Result<&str, &'static str> {
    match of(request) {
        Credentials::Key(key) => Ok(key),
        Credentials::None => Err("No bearer token was given."),
        Credentials::NoKey | Credentials::Spaces | Credentials::NotText => Err(INVALID_TOKEN),
    }
}

fn read(header: &[u8]) -> Credentials<'_> {
    let mut words = header.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"token") && !scheme.eq_ignore_ascii_case(b"bearer") {
        return Credentials::None;
    }
    match (words.next(), words.next()) {
        (None, _) => Credentials::NoKey,
        (Some(_), Some(_)) => Credentials::Spaces,
        (Some(key), None) => match std::str::from_utf8(key) {
            Ok(key) if !key.contains(char::REPLACEMENT_CHARACTER) => {
                Credentials::Key(key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key))
            }
            _ => Credentials::NotText,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_and_quotes_are_taken() {
        for header in ["Token abc", "token abc", "Token \"abc\"", "Bearer abc", "  Token   abc ", "Token\tabc"] {
            assert_eq!(read(header.as_bytes()), Credentials::Key("abc"), "{header}");
        }
        assert_eq!(read("Token “abc”".as_bytes()), Credentials::Key("“abc”"));
        assert_eq!(read("Token \u{a0}abc".as_bytes()), Credentials::Key("\u{a0}abc"));
    }

    #[test]
    fn other_headers_are_told_apart() {
        for header in ["", "Basic abc", "abc", "Tökén abc", "Token\u{a0}abc"] {
            assert_eq!(read(header.as_bytes()), Credentials::None, "{header}");
        }
        assert_eq!(read(b"Token"), Credentials::NoKey);
        assert_eq!(read(b"Bearer a b"), Credentials::Spaces);
        assert_eq!(read(b"Bearer \xff \xfe"), Credentials::Spaces);
        for key in [&b"Token \xff"[..], b"Token abc\xe9", "Token \u{fffd}".as_bytes()] {
            assert_eq!(read(key), Credentials::NotText, "{key:?}");
        }
    }

    #[test]
    fn who_asks_for_visible_characters_sees_no_others() {
        let mut request = Request::default();
        request.headers.insert("authorization", http::HeaderValue::from_bytes("Token é".as_bytes()).unwrap());
        assert_eq!((of(&request), of_any_bytes(&request)), (Credentials::None, Credentials::Key("é")));
    }
}
