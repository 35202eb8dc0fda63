//! Python's `str()` of a value, and its `repr()`, which `str()` uses for the items of lists and dicts.
//! (Objects/unicodeobject.c, Python/pystrtod.c.)

use std::fmt::Write as _;

use icu_properties::{CodePointMapData, props::GeneralCategory};

use super::{Str, Value};

impl Value {
    /// The value's `str()`. A lone surrogate becomes U+FFFD, because a reply cannot contain it.
    pub(in crate::api::sdelements) fn to_text(&self) -> String {
        match self {
            Self::Str(text) => text.shown().to_owned(),
            other => {
                let mut text = String::new();
                other.write(&mut text);
                text
            }
        }
    }

    /// Appends the value's `repr()`.
    fn write(&self, out: &mut String) {
        match self {
            Self::None => out.push_str("None"),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Int(digits) => out.push_str(digits),
            Self::Float(float) => out.push_str(&float_repr(*float)),
            Self::Str(text) => write_str(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Dict(dict) => {
                out.push('{');
                for (at, (key, value)) in dict.pairs().iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    write_str(key, out);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// The `repr()` of a float: the fewest digits that parse to the same float, with an exponent below 1e-4 and from 1e16.
fn float_repr(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude.is_infinite() || magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        let text = format!("{float}");
        return if text.contains('.') || magnitude.is_infinite() { text } else { format!("{text}.0") };
    }
    let text = format!("{float:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Appends the `repr()` of a `str`.
fn write_str(text: &Str, out: &mut String) {
    let quote = if text.shown().contains('\'') && !text.shown().contains('"') { '"' } else { '\'' };
    out.push(quote);
    for point in text.code_points() {
        // Writing to a string never fails.
        let _ = match point {
            Ok('\n') => write!(out, "\\n"),
            Ok('\r') => write!(out, "\\r"),
            Ok('\t') => write!(out, "\\t"),
            Ok(c) if c == quote || c == '\\' => write!(out, "\\{c}"),
            Ok(c) if is_printable(c) => write!(out, "{c}"),
            Ok(c) if c <= '\u{ff}' => write!(out, "\\x{:02x}", u32::from(c)),
            Ok(c) if c <= '\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c)),
            Ok(c) => write!(out, "\\U{:08x}", u32::from(c)),
            Err(surrogate) => write!(out, "\\u{surrogate:04x}"),
        };
    }
    out.push(quote);
}

/// Python's `str.isprintable()` for a character.
fn is_printable(c: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate, Unassigned,
    };
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let hidden =
        [Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate, Unassigned];
    c == ' ' || !hidden.contains(&category)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::api::sdelements::python::parse;

    fn shown(json: &str) -> String {
        parse(json).unwrap().to_text()
    }

    /// Each text is what CPython 3.11 prints for `str(json.loads(...))`.
    #[test]
    fn values_are_written_as_python_writes_them() {
        for (json, text) in [
            ("null", "None"),
            ("[true,false]", "[True, False]"),
            ("403.45000000000005", "403.45000000000005"),
            ("18446744073709551616", "18446744073709551616"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("1e400", "inf"),
            ("-1e400", "-inf"),
            ("1e-400", "0.0"),
            ("5e-324", "5e-324"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("1.5e300", "1.5e+300"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("9007199254740993", "9007199254740993"),
            ("1.7976931348623159e308", "inf"),
            (r#""it's""#, "it's"),
            (r#"["it's"]"#, r#"["it's"]"#),
            (r#"["it's \"x\""]"#, r#"['it\'s "x"']"#),
            (r#"["\\ \n\r\t\u0001\u007f\u0080\u00a0\u00ad é日😀"]"#, r"['\\ \n\r\t\x01\x7f\x80\xa0\xad é日😀']"),
            (
                r#"["\u0378\u200b\u2028\ue000\ufffe\udb40\udc01\udbff\udfff"]"#,
                r"['\u0378\u200b\u2028\ue000\ufffe\U000e0001\U0010ffff']",
            ),
            (r#"["\ud83d", "\ude00\ud83d", "\ufffd"]"#, r"['\ud83d', '\ude00\ud83d', '\ufffd']"),
            (r#"{"a": {"\u0000": 1.0}, "b": [], "a": null}"#, "{'a': None, 'b': []}"),
            (r#""\ud83d""#, "\u{fffd}"),
        ] {
            assert_eq!(shown(json), text.replace(r"'\ufffd'", "'\u{fffd}'"), "{json}");
        }
    }

    proptest! {
        #[test]
        fn a_floats_text_reads_back_as_the_same_float(bits in any::<u64>()) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite());
            let text = float_repr(float);
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(bits));
            prop_assert!(text.contains(['.', 'e']), "{}", text);
            let long = text.trim_start_matches('-').len();
            prop_assert!(long <= 23, "{}", text);
        }

        #[test]
        fn a_repr_is_printable_and_has_its_quotes_escaped(text in any::<String>()) {
            let mut out = String::new();
            write_str(&Str::from(text.as_str()), &mut out);
            let quote = out.chars().next().unwrap();
            prop_assert!(out.chars().all(is_printable));
            let bare = out[1..out.len() - 1].replace("\\\\", "").replace(&format!("\\{quote}"), "");
            prop_assert!(out.ends_with(quote) && !bare.contains(quote));
        }
    }
}
