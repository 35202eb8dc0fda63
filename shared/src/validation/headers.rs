//! Rules for the headers that an owner adds to each delivery: what HTTP allows (RFC 9110, sections 5.1 and 5.5), within
//! limits.

use crate::domain::Secret;

/// The most headers. Each value of a repeated header counts.
pub const MOST: usize = 50;

/// The largest size of all names and values together, in bytes. Servers commonly accept 8 KB of headers.
pub const MOST_BYTES: usize = 6 * 1024;

/// The allowed names, as a regular expression for JSON Schema.
pub const NAME_PATTERN: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/// The allowed values, as a regular expression for JSON Schema.
pub const VALUE_PATTERN: &str = "^([!-~]([\\t -~]*[!-~])?)?$";

/// Why headers are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A name is empty or has a character that HTTP forbids in names.
    #[error("a header name consists of letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// A value has a character that is not allowed, or begins or ends with a space or a tab.
    #[error(
        "a header's value consists of visible ASCII characters, spaces and tabs, and neither begins nor ends with those"
    )]
    Value,
    /// There are more than [`MOST`].
    #[error("there are more than 50 headers")]
    TooMany,
    /// They are larger than [`MOST_BYTES`].
    #[error("the headers are larger than 6 KB")]
    TooLarge,
}

/// Checks that the headers can be sent. Reserved headers, which owners cannot set, are accepted but not sent with
/// deliveries.
///
/// # Errors
///
/// The rule that is broken, without naming a header or quoting a value.
pub fn check(headers: &[(String, Vec<Secret>)]) -> Result<(), Refusal> {
    if headers.iter().map(|(_, values)| values.len().max(1)).sum::<usize>() > MOST {
        return Err(Refusal::TooMany);
    }
    let size = |(name, values): &(String, Vec<Secret>)| {
        values.iter().map(|value| name.len() + value.expose().len()).sum::<usize>().max(name.len())
    };
    if headers.iter().map(size).sum::<usize>() > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    for (name, values) in headers {
        if !is_name(name) {
            return Err(Refusal::Name);
        }
        if !values.iter().all(|value| is_value(value.expose())) {
            return Err(Refusal::Value);
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_value(value: &str) -> bool {
    value.trim_matches([' ', '\t']) == value && value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(name: &str, value: &str) -> Vec<(String, Vec<Secret>)> {
        vec![(name.to_owned(), vec![Secret::new(value)])]
    }

    #[test]
    fn what_http_forbids_is_refused() {
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&one("X-Api_Key", "Bearer a b\t~")), Ok(()));
        assert_eq!(check(&one("x", "")), Ok(()));
        for name in ["", "a b", "a:", "é", "a\r\n", "(a)"] {
            assert_eq!(check(&one(name, "v")), Err(Refusal::Name), "{name:?}");
        }
        for value in ["a\r\nHost: evil", "a\0", "é", " a", "a\t", "\u{7f}"] {
            assert_eq!(check(&one("x", value)), Err(Refusal::Value), "{value:?}");
        }
        assert_eq!(check(&vec![("x".to_owned(), vec![]); MOST + 1]), Err(Refusal::TooMany));
        assert_eq!(check(&one("x", &"y".repeat(MOST_BYTES))), Err(Refusal::TooLarge));
        assert_eq!(check(&one("x", &"y".repeat(1_000_000))), Err(Refusal::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_accepted_can_be_sent(name in "\\PC{0,5}|[a-zA-Z-]{1,5}", value in "\\PC{0,5}|[ -~\\t]{0,9}") {
            if check(&one(&name, &value)).is_ok() {
                prop_assert!(http::HeaderName::from_bytes(name.as_bytes()).is_ok());
                prop_assert!(http::HeaderValue::from_bytes(value.as_bytes()).is_ok());
            }
        }
    }
}
