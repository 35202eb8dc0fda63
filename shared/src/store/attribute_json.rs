//! Converts a DynamoDB attribute to JSON text, for events whose producer stored their data as a map. The conversion is
//! direct: numbers keep the 38 digits that DynamoDB keeps, and no intermediate tree of values is built.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Write},
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The deepest nesting that is accepted: more than DynamoDB's 32 levels, and no more than either reader can handle.
const DEEPEST: usize = 60;

const TOO_DEEP: &str = "it is nested too deep";
const BINARY: &str = "it holds binary data, which JSON cannot";
const NO_NUMBER: &str = "a number is not written as one";

/// The JSON text of an attribute as the SDK reads it. Keys are sorted because a map has no order: this way, every
/// message about the same event has the same text.
pub(super) fn json_of(value: &AttributeValue) -> Result<String, String> {
    let mut text = Vec::new();
    write(value, 1, &mut text).map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|_| "it is not valid UTF-8".to_owned())
}

/// The length in bytes of the JSON text that an attribute of a stream record (`{"M": {"a": {"N": "1"}}}`) converts to.
/// Does not build the text.
pub(super) fn json_length(attribute: &str) -> Result<usize, serde_json::Error> {
    let (mut length, mut reader) = (Length(0), serde_json::Deserializer::from_str(attribute));
    Attribute { out: &mut length, depth: 1 }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(length.0)
}

/// A writer that counts the bytes it is given and drops them.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(value: &AttributeValue, depth: usize, out: &mut Vec<u8>) -> io::Result<()> {
    if depth > DEEPEST {
        return Err(io::Error::other(TOO_DEEP));
    }
    match value {
        AttributeValue::S(text) => string(text, out),
        AttributeValue::N(text) => number(text, out),
        AttributeValue::Bool(value) => out.write_all(if *value { b"true" } else { b"false" }),
        AttributeValue::Null(_) => out.write_all(b"null"),
        AttributeValue::Ss(texts) => list(texts, out, |text, out| string(text, out)),
        AttributeValue::Ns(texts) => list(texts, out, |text, out| number(text, out)),
        AttributeValue::L(values) => list(values, out, |value, out| write(value, depth + 1, out)),
        AttributeValue::M(values) => {
            let mut pairs: Vec<_> = values.iter().collect();
            pairs.sort_unstable_by_key(|(key, _)| *key);
            let mut first = true;
            out.write_all(b"{")?;
            for (key, value) in pairs {
                separated(&mut first, out)?;
                string(key, out)?;
                out.write_all(b":")?;
                write(value, depth + 1, out)?;
            }
            out.write_all(b"}")
        }
        _ => Err(io::Error::other(BINARY)),
    }
}

fn list<T>(values: &[T], out: &mut Vec<u8>, each: impl Fn(&T, &mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    let mut first = true;
    out.write_all(b"[")?;
    for value in values {
        separated(&mut first, out)?;
        each(value, out)?;
    }
    out.write_all(b"]")
}

fn separated(first: &mut bool, out: &mut impl Write) -> io::Result<()> {
    if std::mem::take(first) { Ok(()) } else { out.write_all(b",") }
}

fn string(text: &str, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::other)
}

fn number(text: &str, out: &mut impl Write) -> io::Result<()> {
    let number = json_number(text).ok_or_else(|| io::Error::other(NO_NUMBER))?;
    out.write_all(number.as_bytes())
}

/// The number in JSON's spelling, digit for digit. DynamoDB already prints numbers as JSON does; other engines may
/// return `+1`, `007`, `.5` or `1.` as they were put.
fn json_number(text: &str) -> Option<Cow<'_, str>> {
    if is_json_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = rest.split_at(rest.find(['e', 'E']).unwrap_or(rest.len()));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}")).filter(|text| is_json_number(text)).map(Cow::Owned)
}

fn is_json_number(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The DynamoDB type of an attribute.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Kind {
    S,
    N,
    #[serde(rename = "BOOL")]
    Bool,
    #[serde(rename = "NULL")]
    Null,
    L,
    M,
    #[serde(rename = "SS")]
    Texts,
    #[serde(rename = "NS")]
    Numbers,
    #[serde(other)]
    Binary,
}

/// One attribute of a record, `{"N": "1"}`.
struct Attribute<'o, W> {
    out: &'o mut W,
    depth: usize,
}

/// The content of an attribute of a given type.
struct Content<'o, W> {
    out: &'o mut W,
    depth: usize,
    kind: Kind,
}

impl<'de, W: Write> DeserializeSeed<'de> for Attribute<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        if self.depth > DEEPEST { Err(D::Error::custom(TOO_DEEP)) } else { reader.deserialize_map(self) }
    }
}

impl<'de, W: Write> Visitor<'de> for Attribute<'_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let kind = map.next_key()?.ok_or_else(|| A::Error::custom("an attribute has no type"))?;
        map.next_value_seed(Content { out: self.out, depth: self.depth, kind })?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("an attribute has two types")),
        }
    }
}

impl<'de, W: Write> DeserializeSeed<'de> for Content<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        match self.kind {
            Kind::S | Kind::N => reader.deserialize_str(self),
            Kind::Bool => reader.deserialize_bool(self),
            Kind::Null => {
                IgnoredAny::deserialize(reader)?;
                self.out.write_all(b"null").map_err(D::Error::custom)
            }
            Kind::L | Kind::Texts | Kind::Numbers => reader.deserialize_seq(self),
            Kind::M => reader.deserialize_map(self),
            Kind::Binary => Err(D::Error::custom(BINARY)),
        }
    }
}

impl<'de, W: Write> Visitor<'de> for Content<'_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of an attribute")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let written = if matches!(self.kind, Kind::N) { number(text, self.out) } else { string(text, self.out) };
        written.map_err(E::custom)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.out.write_all(if value { b"true" } else { b"false" }).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { out, depth, kind } = self;
        let mut first = true;
        out.write_all(b"[").map_err(A::Error::custom)?;
        loop {
            let mut one = Item { out: &mut *out, first: &mut first, depth, kind: &kind };
            if seq.next_element_seed(&mut one)?.is_none() {
                break;
            }
        }
        out.write_all(b"]").map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { out, depth, .. } = self;
        let mut first = true;
        out.write_all(b"{").map_err(A::Error::custom)?;
        while map.next_key_seed(Key { out: &mut *out, first: &mut first })?.is_some() {
            map.next_value_seed(Attribute { out: &mut *out, depth: depth + 1 })?;
        }
        out.write_all(b"}").map_err(A::Error::custom)
    }
}

/// One item of a list or of a set.
struct Item<'o, W> {
    out: &'o mut W,
    first: &'o mut bool,
    depth: usize,
    kind: &'o Kind,
}

impl<'de, W: Write> DeserializeSeed<'de> for &mut Item<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        separated(self.first, self.out).map_err(D::Error::custom)?;
        match self.kind {
            Kind::Texts => Content { out: &mut *self.out, depth: self.depth, kind: Kind::S }.deserialize(reader),
            Kind::Numbers => Content { out: &mut *self.out, depth: self.depth, kind: Kind::N }.deserialize(reader),
            _ => Attribute { out: &mut *self.out, depth: self.depth + 1 }.deserialize(reader),
        }
    }
}

/// The key of a pair, with the text that comes before and after it.
struct Key<'o, W> {
    out: &'o mut W,
    first: &'o mut bool,
}

impl<'de, W: Write> DeserializeSeed<'de> for Key<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_str(self)
    }
}

impl<W: Write> Visitor<'_> for Key<'_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<(), E> {
        separated(self.first, self.out)
            .and_then(|()| string(key, self.out))
            .and_then(|()| self.out.write_all(b":"))
            .map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn attributes() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            "\\PC{0,6}|[\"\\\\\\n\u{1}]{0,3}".prop_map(AttributeValue::S),
            "-?(0|[1-9][0-9]{0,37})(\\.[0-9]{1,8})?".prop_map(AttributeValue::N),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null(true)),
            prop::collection::vec("[a-z]{1,3}", 1..3).prop_map(AttributeValue::Ss),
            prop::collection::vec("[1-9]{1,3}", 1..3).prop_map(AttributeValue::Ns),
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
                prop::collection::hash_map("\\PC{0,3}", inner, 0..4).prop_map(AttributeValue::M),
            ]
        })
    }

    fn nested(levels: usize) -> AttributeValue {
        (1..levels).fold(AttributeValue::M(HashMap::new()), |inner, _| {
            AttributeValue::M(HashMap::from([("a".to_owned(), inner)]))
        })
    }

    fn record_of(value: &AttributeValue) -> String {
        let wrapped = serde_dynamo::Item::from(HashMap::from([("a".to_owned(), value.clone())]));
        serde_json::to_value(wrapped).unwrap()["a"].to_string()
    }

    #[test]
    fn numbers_keep_the_38_digits_of_dynamodb() {
        for (text, json) in [
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"),
            ("1E+125", "1E+125"),
            ("+1", "1"),
            ("007", "7"),
            ("-.5", "-0.5"),
            ("1.", "1"),
            ("00", "0"),
        ] {
            assert_eq!(json_of(&AttributeValue::N(text.to_owned())).unwrap(), json);
        }
        for text in ["", "-", ".", "NaN", "1e", "0x1", "1 ", "1,2", "--1"] {
            assert_eq!(json_of(&AttributeValue::N(text.to_owned())).unwrap_err(), NO_NUMBER, "{text:?}");
        }
    }

    #[test]
    fn the_keys_of_a_map_come_in_one_order() {
        let map: HashMap<_, _> = ["b", "é", "a"].map(|key| (key.to_owned(), AttributeValue::Null(true))).into();
        assert_eq!(json_of(&AttributeValue::M(map)).unwrap(), r#"{"a":null,"b":null,"é":null}"#);
    }

    #[test]
    fn what_json_cannot_hold_is_refused_by_both_readers() {
        let binary = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new("x"));
        assert_eq!(json_of(&binary).unwrap_err(), BINARY);
        assert!(json_length(r#"{"M": {"a": {"B": "eA=="}}}"#).is_err());
        assert!(json_of(&nested(DEEPEST)).is_ok() && json_length(&record_of(&nested(DEEPEST))).is_ok());
        assert!(json_of(&nested(DEEPEST + 1)).is_err() && json_length(&record_of(&nested(DEEPEST + 1))).is_err());
        for record in
            [r"{}", r#"{"S": 1}"#, r#"{"N": "x"}"#, r#"{"S": "a", "N": "1"}"#, r#"{"M": []}"#, r#"{"S": "a"} x"#]
        {
            assert!(json_length(record).is_err(), "{record}");
        }
    }

    proptest! {
        #[test]
        fn both_readers_find_the_same_valid_json(value in attributes()) {
            let text = json_of(&value).unwrap();
            prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
            prop_assert_eq!(json_length(&record_of(&value)).unwrap(), text.len());
        }
    }
}
