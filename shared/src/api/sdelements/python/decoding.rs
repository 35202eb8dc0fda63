//! Python's messages for bytes that are not UTF-8. (Objects/exceptions.c, Objects/stringlib/codecs.h.)

/// Decodes UTF-8.
///
/// # Errors
///
/// Python's message for the first invalid bytes.
pub(in crate::api::sdelements) fn decode(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (at, left) = (error.valid_up_to(), bytes.len() - error.valid_up_to());
        let length = error.error_len().unwrap_or(left);
        let first = bytes.get(at).copied().unwrap_or_default();
        let reason = match error.error_len() {
            None => "unexpected end of data",
            Some(1) if matches!(first, 0x80..=0xc1 | 0xf5..=0xff) => "invalid start byte",
            Some(_) => "invalid continuation byte",
        };
        let which = match length {
            1 => format!("byte 0x{first:02x} in position {at}"),
            _ => format!("bytes in position {at}-{}", at + length - 1),
        };
        format!("'utf-8' codec can't decode {which}: {reason}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each message is CPython 3.11's for the bytes beside it.
    #[test]
    fn positions_and_reasons_are_pythons() {
        for (bytes, message) in [
            (&b"\"\xf0\x9f\x91\""[..], "bytes in position 1-3: invalid continuation byte"),
            (b"\"\xff\"", "byte 0xff in position 1: invalid start byte"),
            (b"\xc0\xaf", "byte 0xc0 in position 0: invalid start byte"),
            (b"ab\x80", "byte 0x80 in position 2: invalid start byte"),
            (b"\xed\xa0\x80", "byte 0xed in position 0: invalid continuation byte"),
            (b"\xe0\x80x", "byte 0xe0 in position 0: invalid continuation byte"),
            (b"\xe6\x97(", "bytes in position 0-1: invalid continuation byte"),
            (b"\xf4\x90\x80\x80", "byte 0xf4 in position 0: invalid continuation byte"),
            (b"\xf5\x80", "byte 0xf5 in position 0: invalid start byte"),
            (b"\xc3\xa9\xc3(", "byte 0xc3 in position 2: invalid continuation byte"),
            (b"x\xc3", "byte 0xc3 in position 1: unexpected end of data"),
            (b"x\xf0\x9f\x91", "bytes in position 1-3: unexpected end of data"),
        ] {
            assert_eq!(decode(bytes), Err(format!("'utf-8' codec can't decode {message}")), "{bytes:?}");
        }
        assert_eq!(decode("é".as_bytes()), Ok("é"));
    }
}
