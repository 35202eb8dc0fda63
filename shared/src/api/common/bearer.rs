//! `Authorization: Bearer <key>` (RFC 6750, section 2.1).

use crate::http::Request;

/// Returns the key from the request's `Authorization: Bearer <key>` header. Returns `None` if the header is missing,
/// has another scheme, or does not have exactly one key. The case of the scheme is ignored.
#[must_use]
pub fn bearer(request: &Request) -> Option<&str> {
    let mut words = request.header("authorization")?.split_ascii_whitespace();
    let scheme = words.next()?;
    let key = words.next()?;
    (scheme.eq_ignore_ascii_case("bearer") && words.next().is_none()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_scheme_and_one_key_are_taken() {
        let key = |value: &str| {
            let mut request = Request::default();
            request.headers.insert("authorization", value.parse().unwrap());
            bearer(&request).map(str::to_owned)
        };
        for value in ["Bearer abc", "bearer abc", " Bearer  abc "] {
            assert_eq!(key(value).as_deref(), Some("abc"), "{value}");
        }
        for value in ["", "Bearer", "Bearer a b", "Token abc", "abc"] {
            assert_eq!(key(value), None, "{value}");
        }
        assert_eq!(bearer(&Request::default()), None);
    }
}
