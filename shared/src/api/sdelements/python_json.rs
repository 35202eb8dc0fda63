//! What CPython's `json` module says of a text that is not valid JSON: message, line, column and character.
//!
//! The parsing itself is serde_json's; this runs only on texts that it has refused. (Lib/json/decoder.py, Modules/_json.c of
//! CPython 3.11; constants as DRF's strict mode refuses them.)

/// The deepest nesting that is read.
const DEEPEST: usize = 127;

/// Where and why reading stops.
enum Stop {
    At(&'static str, usize),
    Constant(&'static str),
    TooDeep,
}

/// The message for a text that is not valid JSON.
pub(super) fn complaint(text: &str) -> String {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0 };
    let (message, at) = match scanner.document() {
        Ok(()) => return "The document holds a number or an escape that cannot be read".to_owned(),
        Err(Stop::Constant(name)) => return format!("Out of range float values are not JSON compliant: '{name}'"),
        Err(Stop::TooDeep) => return format!("The document is nested more than {DEEPEST} levels deep"),
        Err(Stop::At(message, at)) => (message, at),
    };
    let before = &scanner.chars[..at.min(scanner.chars.len())];
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = at - before.iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1) + 1;
    format!("{message}: line {line} column {column} (char {at})")
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
}

impl Scanner {
    fn document(&mut self) -> Result<(), Stop> {
        if self.peek() == Some('\u{feff}') {
            return Err(Stop::At("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
        }
        self.space();
        self.value(0)?;
        self.space();
        if self.at == self.chars.len() { Ok(()) } else { Err(Stop::At("Extra data", self.at)) }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), Stop> {
        match self.peek() {
            Some('{' | '[') if depth >= DEEPEST => Err(Stop::TooDeep),
            Some('"') => self.string(),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<(), Stop> {
        for constant in ["NaN", "Infinity", "-Infinity"] {
            if self.starts_with(constant) {
                return Err(Stop::Constant(constant));
            }
        }
        for word in ["null", "true", "false"] {
            if self.starts_with(word) {
                self.at += word.len();
                return Ok(());
            }
        }
        self.number()
    }

    fn starts_with(&self, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.chars.get(self.at + offset) == Some(&c))
    }

    fn digits(&self, from: usize) -> usize {
        self.chars[from.min(self.chars.len())..].iter().take_while(|c| c.is_ascii_digit()).count()
    }

    fn number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let mut end = start + usize::from(self.peek() == Some('-'));
        end += match self.chars.get(end) {
            Some('0') => 1,
            Some('1'..='9') => self.digits(end),
            _ => return Err(Stop::At("Expecting value", start)),
        };
        if self.chars.get(end) == Some(&'.') && self.digits(end + 1) > 0 {
            end += 1 + self.digits(end + 1);
        }
        if matches!(self.chars.get(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.chars.get(end + 1), Some('+' | '-')));
            let digits = self.digits(end + 1 + sign);
            if digits > 0 {
                end += 1 + sign + digits;
            }
        }
        self.at = end;
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Stop> {
        self.at += 1;
        self.space();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            self.space();
            match self.peek() {
                Some(']') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(',') => self.at += 1,
                _ => return Err(Stop::At("Expecting ',' delimiter", self.at)),
            }
            self.space();
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Stop> {
        self.at += 1;
        self.space();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return Err(Stop::At("Expecting property name enclosed in double quotes", self.at));
            }
            self.string()?;
            self.space();
            if self.peek() != Some(':') {
                return Err(Stop::At("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.space();
            self.value(depth + 1)?;
            self.space();
            match self.peek() {
                Some('}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(',') => self.at += 1,
                _ => return Err(Stop::At("Expecting ',' delimiter", self.at)),
            }
            self.space();
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Stop::At("Unterminated string starting at", start)),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape(start)?,
                Some(c) if c < ' ' => return Err(Stop::At("Invalid control character at", self.at)),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<(), Stop> {
        match self.chars.get(self.at + 1) {
            None => Err(Stop::At("Unterminated string starting at", start)),
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {
                self.at += 2;
                Ok(())
            }
            Some('u') => {
                let digits = self.chars.get(self.at + 2..self.at + 6).unwrap_or_default();
                let whole = self.at + 6 < self.chars.len();
                if !whole || !digits.iter().all(char::is_ascii_hexdigit) {
                    return Err(Stop::At("Invalid \\uXXXX escape", self.at + 1));
                }
                self.at += 6;
                Ok(())
            }
            Some(_) => Err(Stop::At("Invalid \\escape", self.at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each message was produced by CPython 3.11's `json.loads` on the text beside it.
    #[test]
    fn the_words_are_cpythons() {
        for (text, message) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ("  ", "Expecting value: line 1 column 3 (char 2)"),
            ("x", "Expecting value: line 1 column 1 (char 0)"),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("{} {}", "Extra data: line 1 column 4 (char 3)"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{a: 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("{\"a\": 1,}", "Expecting property name enclosed in double quotes: line 1 column 9 (char 8)"),
            ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("{\"a\": }", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": 1 \"b\": 2}", "Expecting ',' delimiter: line 1 column 9 (char 8)"),
            ("{\n  \"a\": 1\n  \"b\": 2}", "Expecting ',' delimiter: line 3 column 3 (char 13)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
            ("\"abc", "Unterminated string starting at: line 1 column 1 (char 0)"),
            ("\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"),
            ("\"a\\xb\"", "Invalid \\escape: line 1 column 3 (char 2)"),
            ("\"a\\u12g4\"", "Invalid \\uXXXX escape: line 1 column 4 (char 3)"),
            ("NaN", "Out of range float values are not JSON compliant: 'NaN'"),
            ("[-Infinity]", "Out of range float values are not JSON compliant: '-Infinity'"),
            ("\u{feff}{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
            ("é x", "Expecting value: line 1 column 1 (char 0)"),
        ] {
            assert_eq!(complaint(text), message, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\":,\\\\ua-f0-9eE.+ \\n-]{0,40}|\\PC{0,20}") {
            let _ = complaint(&text);
        }
    }
}
