//! The Authorization header, alike for every API: `Token <key>` or `Bearer <key>`.

use crate::http::Request;

/// What the header holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials<'r> {
    /// No header, or one of another scheme.
    None,
    /// A scheme of ours without a key.
    NoKey,
    /// More than one word after the scheme.
    Spaces,
    /// A key, whosever it is.
    Key(&'r str),
}

/// The credentials of a request. The scheme's case does not matter; quotes around the key are taken off, since SD Elements'
/// documents print them.
#[must_use]
pub fn of(request: &Request) -> Credentials<'_> {
    read(request.header("authorization").unwrap_or_default())
}

fn read(header: &str) -> Credentials<'_> {
    let mut words = header.split_ascii_whitespace();
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("token") && !scheme.eq_ignore_ascii_case("bearer") {
        return Credentials::None;
    }
    match (words.next(), words.next()) {
        (None, _) => Credentials::NoKey,
        (Some(_), Some(_)) => Credentials::Spaces,
        (Some(key), None) => {
            Credentials::Key(key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_and_quotes_are_taken() {
        for header in ["Token abc", "token abc", "Token \"abc\"", "Bearer abc", "  Token   abc "] {
            assert_eq!(read(header), Credentials::Key("abc"), "{header}");
        }
    }

    #[test]
    fn other_headers_are_told_apart() {
        for header in ["", "Basic abc", "abc"] {
            assert_eq!(read(header), Credentials::None, "{header}");
        }
        assert_eq!(read("Token"), Credentials::NoKey);
        assert_eq!(read("Bearer a b"), Credentials::Spaces);
    }
}
