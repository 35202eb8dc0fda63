//! Encodes a secret as an endpoint may, without any of the code that finds secrets.

use proptest::prelude::*;

/// Bytes, each with whether it reveals something of the secret.
pub(super) type Shown = Vec<(u8, bool)>;

/// A way to encode a secret.
#[derive(Clone, Debug)]
pub(super) enum Encoding {
    Upper,
    Lower,
    Mixed,
    Percent { all: bool, upper: bool, times: usize },
    Json { all: bool, upper: bool },
    Html { form: u8, semicolon: bool },
    Base64 { url_safe: bool, padded: bool, before: usize, after: usize },
    Hexadecimal { upper: bool },
    Octal { all: bool, digits: usize },
    Identity { continued: usize },
    Wrapped { columns: usize, end: &'static str },
}

/// Any encoding.
pub(super) fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![
        Just(Encoding::Upper),
        Just(Encoding::Lower),
        Just(Encoding::Mixed),
        (any::<bool>(), any::<bool>(), 1usize..=2).prop_map(|(all, upper, times)| Encoding::Percent {
            all,
            upper,
            times
        }),
        (any::<bool>(), any::<bool>()).prop_map(|(all, upper)| Encoding::Json { all, upper }),
        (0u8..4, any::<bool>()).prop_map(|(form, semicolon)| Encoding::Html { form, semicolon }),
        (any::<bool>(), any::<bool>(), 0usize..3, 0usize..3)
            .prop_map(|(url_safe, padded, before, after)| Encoding::Base64 { url_safe, padded, before, after }),
        any::<bool>().prop_map(|upper| Encoding::Hexadecimal { upper }),
        (any::<bool>(), 1usize..=3).prop_map(|(all, digits)| Encoding::Octal { all, digits }),
        (0usize..8).prop_map(|continued| Encoding::Identity { continued }),
        (1usize..=76, prop_oneof![Just("\r\n"), Just("\n"), Just("\r"), Just(" "), Just("\t"), Just("\r\n \t  ")])
            .prop_map(|(columns, end)| Encoding::Wrapped { columns, end }),
    ]
}

fn each(shown: &Shown, encode: impl Fn(usize, u8) -> String) -> Shown {
    let encoded = shown.iter().enumerate().map(|(at, (byte, secret))| (encode(at, *byte), *secret));
    encoded.flat_map(|(text, secret)| text.into_bytes().into_iter().map(move |byte| (byte, secret))).collect()
}

fn hex(byte: u8, upper: bool) -> String {
    if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }
}

impl Encoding {
    /// The bytes, encoded once more.
    pub(super) fn apply(&self, shown: &Shown) -> Shown {
        let raw = |byte: u8| char::from(byte).to_string();
        match *self {
            Self::Upper => shown.iter().map(|(byte, secret)| (byte.to_ascii_uppercase(), *secret)).collect(),
            Self::Lower => shown.iter().map(|(byte, secret)| (byte.to_ascii_lowercase(), *secret)).collect(),
            Self::Mixed => {
                let turned = |(at, (byte, secret)): (usize, &(u8, bool))| {
                    (if at % 3 == 0 { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }, *secret)
                };
                shown.iter().enumerate().map(turned).collect()
            }
            Self::Percent { all, upper, times } => (0..times).fold(shown.clone(), |shown, _| {
                each(&shown, |_, byte| {
                    if byte.is_ascii_alphanumeric() && !all { raw(byte) } else { format!("%{}", hex(byte, upper)) }
                })
            }),
            Self::Json { all, upper } => each(shown, |at, byte| match byte {
                b'"' | b'\\' | b'/' if !all => format!("\\{}", char::from(byte)),
                _ if all || at % 2 == 0 || !byte.is_ascii_alphanumeric() => format!("\\u00{}", hex(byte, upper)),
                _ => raw(byte),
            }),
            Self::Html { form, semicolon } => each(shown, |_, byte| {
                let end = if semicolon { ";" } else { "" };
                let named = match byte {
                    b'&' => "amp",
                    b'<' => "lt",
                    b'"' => "quot",
                    b'/' => "sol",
                    b'+' => "plus",
                    b'=' => "equals",
                    b':' => "colon",
                    b'_' => "lowbar",
                    _ => "",
                };
                match form {
                    0 if !named.is_empty() => format!("&{named}{end}"),
                    1 => format!("&#{byte}{end}"),
                    2 => format!("&#x{byte:x}{end}"),
                    3 if !byte.is_ascii_alphanumeric() => format!("&#X{byte:04X}{end}"),
                    _ => raw(byte),
                }
            }),
            Self::Base64 { url_safe, padded, before, after } => in_base64(shown, url_safe, padded, before, after),
            Self::Hexadecimal { upper } => each(shown, |_, byte| hex(byte, upper)),
            Self::Octal { all, digits } => each(shown, |at, byte| {
                // Use fewer digits only where no digit can follow.
                let digits = if all { 3 } else { digits };
                if all || at % 2 == 0 { format!("\\{byte:0digits$o}") } else { raw(byte) }
            }),
            Self::Identity { continued } => each(shown, |at, byte| {
                let line = if continued > 0 && at > 0 && at % continued == 0 { "\\\n" } else { "" };
                let known = byte.is_ascii_digit() || b"bfnrtvux".contains(&byte.to_ascii_lowercase());
                if known || !byte.is_ascii() {
                    format!("{line}{}", raw(byte))
                } else {
                    format!("{line}\\{}", raw(byte))
                }
            }),
            Self::Wrapped { columns, end } => {
                let encoded = in_base64(shown, false, true, 0, 0);
                let lines = encoded.chunks(columns).map(<[(u8, bool)]>::to_vec);
                let end: Shown = end.bytes().map(|byte| (byte, false)).collect();
                lines.collect::<Vec<_>>().join(&end[..])
            }
        }
    }
}

/// Encodes bit by bit, so that it is known which digits depend on the secret alone.
fn in_base64(shown: &Shown, url_safe: bool, padded: bool, before: usize, after: usize) -> Shown {
    let around = |count: usize| std::iter::repeat_n((b'.', false), count);
    let bytes: Shown = around(before).chain(shown.iter().copied()).chain(around(after)).collect();
    let bits: Vec<(bool, bool)> =
        bytes.iter().flat_map(|(byte, secret)| (0..8).rev().map(move |bit| (byte >> bit & 1 == 1, *secret))).collect();
    let last = if url_safe { b"-_" } else { b"+/" };
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let digits = bits.chunks(6).map(|chunk| {
        let value = (0..6).fold(0, |value, at| value << 1 | usize::from(chunk.get(at).is_some_and(|bit| bit.0)));
        (alphabet[value], chunk.len() == 6 && chunk.iter().all(|bit| bit.1))
    });
    let mut encoded: Shown = digits.collect();
    while padded && !encoded.len().is_multiple_of(4) {
        encoded.push((b'=', false));
    }
    encoded
}
