//! Rules for uuids.

/// Whether the text is a uuid in the canonical form of RFC 9562: `8-4-4-4-12` hex digits in lower case. Other spellings
/// are refused, because they would be further ids for the same object.
#[must_use]
pub fn is_canonical(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5",
            "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e5dd",
            "0B0C9A5E-7d4f-4c39-9d1b-2f8f6a1c3e5d",
            "0b0c9a5e7d4f4c399d1b2f8f6a1c3e5d",
            "{0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3e}",
            "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c3eé",
            "0b0c9a5e-7d4f-4c39-9d1b-2f8f6a1c%33",
        ] {
            assert!(!is_canonical(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_we_make_is_accepted(random in any::<[u8; 16]>()) {
            prop_assert!(is_canonical(&crate::encoding::uuid(random)));
        }
    }
}
