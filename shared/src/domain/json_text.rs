//! JSON objects that stay text, so that an event's data reaches its endpoints with the digits, the escapes and the
//! order of keys that its producer wrote.

use std::{fmt, sync::Arc};

use serde::{
    Deserializer as _, Serialize, Serializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The deepest nesting of a [`JsonText`]. Its own braces are the first level. Common parsers accept no deeper nesting.
pub const MAX_DEPTH: usize = 127;

/// The largest data of an event, in bytes, not counting white space between tokens. A diverted delivery keeps a copy of
/// the data and its attempts in one item, which can have at most 400 KB.
pub const MAX_DATA: usize = 256 * 1024;

/// A JSON object as text, without white space between its tokens, at most [`MAX_DATA`] bytes long and [`MAX_DEPTH`] deep.
///
/// It is never parsed into a tree of values, because that would round its numbers and take many times its size in
/// memory.
#[derive(Clone)]
pub struct JsonText(Arc<RawValue>);

/// Why a text is refused as a [`JsonText`]. The messages quote nothing of the text.
#[derive(Debug, thiserror::Error)]
pub enum BadJsonText {
    /// It is not valid JSON.
    #[error("it is not valid JSON: {0}")]
    NotJson(serde_json::Error),
    /// It is JSON, but not an object.
    #[error("it is not an object")]
    NotAnObject,
    /// It is nested deeper than [`MAX_DEPTH`].
    #[error("it is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// It is longer than [`MAX_DATA`], not counting white space between tokens.
    #[error("it is larger than 256 KB")]
    TooLarge,
}

impl JsonText {
    /// Keeps a text as it is, without the white space between its tokens.
    ///
    /// # Errors
    ///
    /// The rule of [`JsonText`] that the text breaks.
    pub fn parse(text: &str) -> Result<Self, BadJsonText> {
        let length = Self::measure(text)?;
        let compact = if length == text.len() { text.to_owned() } else { compacted(text) };
        RawValue::from_string(compact).map(|raw| Self(raw.into())).map_err(BadJsonText::NotJson)
    }

    /// The length of the text in bytes, without white space between its tokens. Makes the same checks as
    /// [`JsonText::parse`] without copying the text.
    ///
    /// # Errors
    ///
    /// The rule of [`JsonText`] that the text breaks.
    pub fn measure(text: &str) -> Result<usize, BadJsonText> {
        check(text)?;
        if !text.trim_ascii_start().starts_with('{') {
            return Err(BadJsonText::NotAnObject);
        }
        let mut tokens = Tokens::default();
        let length = text.bytes().filter(|byte| tokens.take(*byte)).count();
        if length > MAX_DATA { Err(BadJsonText::TooLarge) } else { Ok(length) }
    }

    /// Serializes a value.
    ///
    /// # Errors
    ///
    /// When the value is not an object, is nested too deep, or is too large.
    pub fn of(value: &impl Serialize) -> Result<Self, BadJsonText> {
        Self::parse(&serde_json::to_string(value).map_err(BadJsonText::NotJson)?)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text as a value that `serde_json` writes unchanged.
    #[must_use]
    pub fn raw(&self) -> &RawValue {
        &self.0
    }

    /// The values of the object's members with these names, as [`members`] finds them.
    #[must_use]
    pub fn members<const N: usize>(&self, names: [&str; N]) -> [Option<&RawValue>; N] {
        members(self.as_str(), names).unwrap_or([None; N])
    }
}

/// The empty object.
impl Default for JsonText {
    fn default() -> Self {
        Self(RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned()).into())
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Shows only the length, because data must not get into a log.
impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.as_str().len())
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Checks that a text is one JSON value of any kind and not nested deeper than [`MAX_DEPTH`]. Accepts numbers of any
/// size and escapes of lone surrogates.
///
/// # Errors
///
/// [`BadJsonText::NotJson`] or [`BadJsonText::TooDeep`].
pub fn check(text: &str) -> Result<(), BadJsonText> {
    serde_json::from_str::<IgnoredAny>(text).map_err(BadJsonText::NotJson)?;
    let mut tokens = Tokens::default();
    text.bytes().for_each(|byte| _ = tokens.take(byte));
    if tokens.deepest > MAX_DEPTH { Err(BadJsonText::TooDeep) } else { Ok(()) }
}

/// The values of the object's members with these names, as JSON texts; `None` for a missing member. If a name is
/// repeated, its last value counts, as in most parsers. Nothing is copied, and other members take no memory.
///
/// # Errors
///
/// When the text is not a JSON object.
pub fn members<'t, const N: usize>(
    object: &'t str,
    names: [&str; N],
) -> Result<[Option<&'t RawValue>; N], serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(object);
    let found = reader.deserialize_map(Members(names))?;
    reader.end()?;
    Ok(found)
}

struct Members<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(place) = map.next_key_seed(Place(&self.0))? {
            match place.and_then(|place| found.get_mut(place)) {
                Some(slot) => *slot = Some(map.next_value()?),
                None => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }
}

/// Finds the position of a key among the names. Reads bytes, because a key may contain the escape of a lone surrogate,
/// which a `str` cannot.
struct Place<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E: de::Error>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| name.as_bytes() == key))
    }
}

/// The text without white space between its tokens.
fn compacted(text: &str) -> String {
    let mut tokens = Tokens::default();
    text.chars().filter(|c| tokens.take(u8::try_from(*c).unwrap_or(u8::MAX))).collect()
}

/// The state of a scan over the bytes of valid JSON.
#[derive(Default)]
struct Tokens {
    inside: bool,
    escaped: bool,
    depth: usize,
    deepest: usize,
}

impl Tokens {
    /// Takes the next byte. Returns whether it belongs to a token, that is, whether it is not white space between
    /// tokens.
    fn take(&mut self, byte: u8) -> bool {
        if self.inside {
            let escaped = std::mem::take(&mut self.escaped);
            self.escaped = byte == b'\\' && !escaped;
            self.inside = byte != b'"' || escaped;
            return true;
        }
        match byte {
            b'"' => self.inside = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        !byte.is_ascii_whitespace()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON texts as strange as the grammar allows, each with white space between tokens and without.
    pub(crate) fn texts() -> impl Strategy<Value = (String, String)> {
        let number = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?";
        let leaf = prop_oneof!["null|true|false", number, STRING].prop_map(|text| (text.clone(), text));
        let value = leaf.prop_recursive(5, 40, 5, |inner| prop_oneof![array(inner.clone()), object(inner)]);
        object(value)
    }

    /// A JSON string with its quotes.
    const STRING: &str = r#""([ -!#-\[\]-~é😀]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,8}""#;

    /// White space between two tokens.
    const BLANK: &str = "[ \t\n\r]{0,2}";

    fn array(value: impl Strategy<Value = (String, String)>) -> impl Strategy<Value = (String, String)> {
        prop::collection::vec((value, BLANK), 0..5).prop_map(|items| {
            let spaced: Vec<_> = items.iter().map(|((spaced, _), blank)| format!("{blank}{spaced}{blank}")).collect();
            let dense: Vec<_> = items.iter().map(|((_, dense), _)| dense.as_str()).collect();
            (format!("[{}]", spaced.join(",")), format!("[{}]", dense.join(",")))
        })
    }

    fn object(value: impl Strategy<Value = (String, String)>) -> impl Strategy<Value = (String, String)> {
        prop::collection::vec((STRING, value, BLANK), 0..5).prop_map(|pairs| {
            let spaced =
                pairs.iter().map(|(key, (spaced, _), blank)| format!("{blank}{key}{blank}:{blank}{spaced}{blank}"));
            let dense: Vec<_> = pairs.iter().map(|(key, (_, dense), _)| format!("{key}:{dense}")).collect();
            (format!("{{{}}}", spaced.collect::<Vec<_>>().join(",")), format!("{{{}}}", dense.join(",")))
        })
    }

    #[test]
    fn every_digit_escape_and_key_stays() {
        for text in [
            r#"{"n":403.45000000000005}"#,
            r#"{"n":123456789012345678901234567890,"m":-9223372036854775809,"o":18446744073709551616}"#,
            r#"{"n":1e-400,"m":1e400,"o":-0,"p":1E+9,"q":1.0}"#,
            r#"{"b":1,"a":2,"b":3}"#,
            r#"{"\ud83d":"\ud83d","\u00e9":"\/\u0041é"}"#,
            "{}",
        ] {
            assert_eq!(JsonText::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(
            JsonText::parse(" { \"a b\" :\t[ 1 , \"\\\" \" ]\r\n} ").unwrap().as_str(),
            "{\"a b\":[1,\"\\\" \"]}"
        );
    }

    #[test]
    fn what_is_not_an_object_or_too_much_is_refused() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert!(JsonText::parse(&deep(MAX_DEPTH)).is_ok());
        assert!(JsonText::parse(&long(MAX_DATA)).is_ok());
        assert!(JsonText::parse(&format!("{}\n \n", long(MAX_DATA))).is_ok(), "white space does not count");
        for (text, why) in [
            ("[]".to_owned(), "it is not an object"),
            ("\"{}\"".to_owned(), "it is not an object"),
            (deep(MAX_DEPTH + 1), "it is nested more than 127 levels deep"),
            (deep(100_000), "it is nested more than 127 levels deep"),
            (long(MAX_DATA + 1), "it is larger than 256 KB"),
            ("{} {}".to_owned(), "it is not valid JSON: trailing characters at line 1 column 4"),
            ("{\"a\":01}".to_owned(), "it is not valid JSON: invalid number at line 1 column 7"),
            ("{\"a\":NaN}".to_owned(), "it is not valid JSON: expected value at line 1 column 6"),
            (String::new(), "it is not valid JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(JsonText::parse(&text).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        let [a, b, c] = members(r#"{"a":1,"\ud83d":2,"b":[1e400],"a":-0}"#, ["a", "b", "c"]).unwrap();
        assert_eq!(a.map(RawValue::get), Some("-0"));
        assert_eq!(b.map(RawValue::get), Some("[1e400]"));
        assert!(c.is_none());
        assert!(members("[1]", ["a"]).is_err() && members("{} x", ["a"]).is_err());
    }

    #[test]
    fn debugging_shows_nothing_of_the_data() {
        assert_eq!(format!("{:?}", JsonText::parse("{\"card\":1}").unwrap()), "JsonText(10 bytes)");
    }

    proptest! {
        #[test]
        fn a_text_stays_as_it_is_but_for_white_space_between_tokens((spaced, dense) in texts()) {
            let text = JsonText::parse(&spaced).unwrap();
            prop_assert_eq!(text.as_str(), &dense);
            prop_assert_eq!(serde_json::to_string(&text).unwrap(), dense);
        }

        #[test]
        fn never_panics(text in "[\\[\\]{}\":,\\\\ua-f0-9eE.+ \\n-]{0,40}|\\PC{0,20}") {
            if let Ok(taken) = JsonText::parse(&text) {
                prop_assert_eq!(JsonText::measure(&text).unwrap(), taken.as_str().len());
            }
        }
    }
}
