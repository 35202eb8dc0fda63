//! Media types in headers, compared as in DRF. (rest_framework/utils/mediatypes.py; parse_header_parameters in
//! django/utils/http.py.)

use http::HeaderValue;

/// The longest media type that DRF reads, in characters.
pub(super) const LONGEST: usize = 256;

/// Returns a header's value as DRF sees it. WSGI turns each byte into a character. U+FFFD is kept, because the gateway
/// puts it in place of bytes that are not UTF-8.
pub(super) fn text(value: &HeaderValue) -> String {
    let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
        return value.as_bytes().iter().copied().map(char::from).collect();
    };
    let mut bytes = String::new();
    for c in text.chars() {
        match c {
            char::REPLACEMENT_CHARACTER => bytes.push(c),
            _ => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes().map(char::from)),
        }
    }
    bytes
}

/// A media type, or a range of media types, with its parameters.
pub(super) struct MediaType {
    name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Parses a media type. Any text is accepted; for nonsense, `includes_json` is false.
    pub(super) fn parse(text: &str) -> Self {
        let mut pieces = pieces(text).into_iter();
        let first = pieces.next().unwrap_or_default();
        // If there are parameters, Django parses the type like a parameter, so it may have a value, which is dropped.
        let name = if text.contains(';') { first.split('=').next().unwrap_or_default() } else { first };
        let parameter = |piece: &str| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (name.trim().to_ascii_lowercase(), unquoted(value.trim()).to_owned())
        };
        Self { name: name.trim().to_ascii_lowercase(), parameters: pieces.map(parameter).collect() }
    }

    /// Returns whether this type or range includes JSON. `*/json` does not count, because it is not a valid range (RFC
    /// 9110, section 12.5.1).
    pub(super) fn includes_json(&self) -> bool {
        matches!(self.name.as_str(), "*/*" | "application/*" | "application/json")
    }

    /// Returns how specific the range is, from 0 to 3. DRF uses the most specific one.
    pub(super) fn precedence(&self) -> u8 {
        match self.name.as_str() {
            "*/*" => 0,
            "application/*" => 1,
            _ if self.parameters.iter().all(|(name, _)| name == "q") => 2,
            _ => 3,
        }
    }

    /// Returns the value of a parameter. If it is repeated, the last value counts.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Splits the text at semicolons, but not at those in quotes.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start, mut quoted, mut previous) = (Vec::new(), 0, false, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '"' if previous != '\\' => quoted = !quoted,
            ';' if !quoted || at == start => {
                pieces.push(text.get(start..at).unwrap_or_default());
                (start, quoted) = (at + 1, false);
            }
            _ => {}
        }
        previous = c;
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headers_value_has_a_character_for_each_byte() {
        for (bytes, shown) in
            [(&b"a/b"[..], "a/b"), ("é\u{fffd}".as_bytes(), "\u{c3}\u{a9}\u{fffd}"), (b"a\xe9", "a\u{e9}"), (b"", "")]
        {
            assert_eq!(text(&HeaderValue::from_bytes(bytes).unwrap()), shown, "{bytes:?}");
        }
    }

    #[test]
    fn parameters_and_case_do_not_matter() {
        for media_type in [
            "application/json",
            "APPLICATION/JSON",
            "*/*",
            "application/*",
            " application/json ; q=0",
            "application/json;",
            "application/json=1; a=b",
            "application/json; a=\"b;c\"",
            "application/json\u{a0}",
            "application/json; charset=utf-8",
        ] {
            assert!(MediaType::parse(media_type).includes_json(), "{media_type:?}");
        }
        for media_type in [
            "",
            "*",
            "*/json",
            "json",
            "application",
            "application/",
            "application/json=1",
            "application/ json",
            "application/json\u{c3}\u{a0}",
            "application/json\u{e9}",
            "application/json\u{fffd}",
            "\"application/json\"",
            "\"application/json; x\"",
            ";application/json",
            "application/jsonx",
            "text/html",
        ] {
            assert!(!MediaType::parse(media_type).includes_json(), "{media_type:?}");
        }
    }

    #[test]
    fn parameters_are_read_with_or_without_quotes() {
        for (text, indent, precedence) in [
            ("application/json; indent=4", Some("4"), 3),
            ("*/*;q=1; INDENT = \"2\" ", Some("2"), 0),
            ("application/*;indent=1;indent=3", Some("3"), 1),
            ("application/json; a=\"x;indent=4\"", None, 3),
            ("application/json; q=1", None, 2),
            ("application/json;indent", Some(""), 3),
            ("application/json", None, 2),
        ] {
            let media_type = MediaType::parse(text);
            assert_eq!((media_type.parameter("indent"), media_type.precedence()), (indent, precedence), "{text}");
        }
    }
}
