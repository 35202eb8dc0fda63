//! A JSON parser with the results and the error messages of CPython's `json` module. It refuses constants such as `NaN`,
//! as DRF does. (Lib/json/decoder.py, Modules/_json.c.)

use std::collections::HashMap;

use super::{Dict, Str, Value};

/// The deepest nesting that is accepted, in levels.
const DEEPEST: usize = 127;

/// The message for deeper nesting.
pub(in crate::api::sdelements) const TOO_DEEP: &str = "The document is nested more than 127 levels deep";

/// Why parsing stops. Positions are offsets in bytes.
enum Stop {
    At(&'static str, usize),
    Constant(&'static str),
    TooDeep,
}

/// Parses a text.
///
/// # Errors
///
/// Python's message for a text that is not valid JSON.
pub(in crate::api::sdelements) fn parse(text: &str) -> Result<Value, String> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.document().map_err(|stop| match stop {
        Stop::Constant(name) => format!("Out of range float values are not JSON compliant: '{name}'"),
        Stop::TooDeep => TOO_DEEP.to_owned(),
        Stop::At(message, at) => {
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{message}: line {line} column {column} (char {})", before.chars().count())
        }
    })
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<Value, Stop> {
        if self.text.starts_with('\u{feff}') {
            return Err(Stop::At("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
        }
        self.space();
        let value = self.value(0)?;
        self.space();
        if self.at == self.text.len() { Ok(value) } else { Err(Stop::At("Extra data", self.at)) }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        match self.peek() {
            Some(b'{' | b'[') if depth >= DEEPEST => Err(Stop::TooDeep),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'{') => self.object(depth).map(Value::Dict),
            Some(b'[') => self.array(depth).map(Value::List),
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<Value, Stop> {
        for constant in ["NaN", "Infinity", "-Infinity"] {
            if self.rest().starts_with(constant) {
                return Err(Stop::Constant(constant));
            }
        }
        for (word, value) in [("null", Value::None), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.number()
    }

    fn digits(&self, from: usize) -> usize {
        self.text.as_bytes().iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn number(&mut self) -> Result<Value, Stop> {
        let start = self.at;
        let mut end = start + usize::from(self.peek() == Some(b'-'));
        end += match self.byte(end) {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => self.digits(end),
            _ => return Err(Stop::At("Expecting value", start)),
        };
        let whole = end;
        if self.byte(end) == Some(b'.') && self.digits(end + 1) > 0 {
            end += 1 + self.digits(end + 1);
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            let digits = self.digits(end + 1 + sign);
            if digits > 0 {
                end += 1 + sign + digits;
            }
        }
        self.at = end;
        let text = self.text.get(start..end).unwrap_or_default();
        if end == whole {
            return Ok(Value::Int(if text == "-0" { "0" } else { text }.to_owned()));
        }
        // Rust parses every number of JSON's grammar, and makes it infinite if it is too large.
        text.parse().map(Value::Float).map_err(|_| Stop::At("Expecting value", start))
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(items);
                }
                Some(b',') => self.at += 1,
                _ => return Err(Stop::At("Expecting ',' delimiter", self.at)),
            }
            self.space();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Dict, Stop> {
        let mut pairs: Vec<(Str, Value)> = Vec::new();
        let mut places = HashMap::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Dict::default());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Stop::At("Expecting property name enclosed in double quotes", self.at));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(Stop::At("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            // A repeated key keeps its place and gets the later value.
            let place = *places.entry(key.clone()).or_insert(pairs.len());
            match pairs.get_mut(place) {
                Some(pair) => pair.1 = value,
                None => pairs.push((key, value)),
            }
            self.space();
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Dict::new(pairs));
                }
                Some(b',') => self.at += 1,
                _ => return Err(Stop::At("Expecting ',' delimiter", self.at)),
            }
            self.space();
        }
    }

    fn string(&mut self) -> Result<Str, Stop> {
        let start = self.at;
        let mut string = Str::default();
        self.at += 1;
        loop {
            let plain = self.rest().bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            string.push_str(self.rest().get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                None => return Err(Stop::At("Unterminated string starting at", start)),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => self.escape(start, &mut string)?,
                Some(_) => return Err(Stop::At("Invalid control character at", self.at)),
            }
        }
    }

    fn escape(&mut self, start: usize, string: &mut Str) -> Result<(), Stop> {
        let c = match self.byte(self.at + 1) {
            None => return Err(Stop::At("Unterminated string starting at", start)),
            Some(b'u') => return self.code_point(string),
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(Stop::At("Invalid \\escape", self.at)),
        };
        string.push(c);
        self.at += 2;
        Ok(())
    }

    /// Parses the escape `\uXXXX`, and the next one too if the two are a surrogate pair.
    fn code_point(&mut self, string: &mut Str) -> Result<(), Stop> {
        let unit = self.unit(self.at).ok_or(Stop::At("Invalid \\uXXXX escape", self.at + 1))?;
        self.at += 6;
        if let Some(Ok(c)) = char::decode_utf16([unit]).next() {
            string.push(c);
            return Ok(());
        }
        let pair = self.unit(self.at).and_then(|second| char::decode_utf16([unit, second]).next()?.ok());
        match pair {
            Some(c) => {
                string.push(c);
                self.at += 6;
            }
            None => string.push_surrogate(unit),
        }
        Ok(())
    }

    /// Returns the number in the escape `\uXXXX` at this byte offset. As in CPython, returns `None` if the text ends
    /// right after the escape.
    fn unit(&self, at: usize) -> Option<u16> {
        let escape = self.text.as_bytes().get(at..at + 6)?;
        let digits = escape.strip_prefix(b"\\u").filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        let digits = std::str::from_utf8(digits).ok().filter(|_| at + 6 < self.text.len())?;
        u16::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests;
