//! DRF's fields: what they coerce and what they say of what they cannot. (rest_framework/fields.py.)

use serde_json::{Map, Value};

use super::{SdElementsFailure, date_time};
use crate::domain::{EventSource, Timestamp};

/// Reads the fields of one object and gathers what is wrong with them, in the order in which they are read.
pub(super) struct Fields<'v> {
    object: &'v Map<String, Value>,
    partial: bool,
    failures: Vec<(&'static str, String)>,
}

/// Limits of a text field.
pub(super) struct Text {
    /// The most code points, after trimming.
    pub(super) most: usize,
    /// Whether it may be empty.
    pub(super) blank: bool,
}

impl<'v> Fields<'v> {
    /// `partial` is PATCH: nothing is required and nothing gets a default.
    pub(super) fn of(body: &'v Value, partial: bool) -> Result<Self, SdElementsFailure> {
        let Value::Object(object) = body else {
            let kind = type_name(body);
            let message = match body {
                Value::Null => "No data provided".to_owned(),
                _ => format!("Invalid data. Expected a dictionary, but got {kind}."),
            };
            return Err(SdElementsFailure::field("non_field_errors", message));
        };
        Ok(Self { object, partial, failures: Vec::new() })
    }

    /// What was read, or everything that is wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, SdElementsFailure> {
        match value {
            Some(value) if self.failures.is_empty() => Ok(value),
            _ => Err(SdElementsFailure::Validation(self.failures)),
        }
    }

    /// Records a failure.
    pub(super) fn fail(&mut self, name: &'static str, message: impl Into<String>) {
        self.failures.push((name, message.into()));
    }

    fn present(&mut self, name: &'static str, required: bool) -> Option<&'v Value> {
        match self.object.get(name) {
            None if required && !self.partial => {
                self.fail(name, "This field is required.");
                None
            }
            Some(Value::Null) => {
                self.fail(name, "This field may not be null.");
                None
            }
            other => other,
        }
    }

    /// CharField: strings and numbers, trimmed; not booleans, objects or arrays.
    pub(super) fn text(&mut self, name: &'static str, required: bool, limits: &Text) -> Option<String> {
        let value = self.present(name, required)?;
        let text = match value {
            Value::String(text) => strip(text).to_owned(),
            Value::Number(_) => python_str(value),
            _ => {
                self.fail(name, "Not a valid string.");
                return None;
            }
        };
        if text.is_empty() && !limits.blank {
            self.fail(name, "This field may not be blank.");
        } else if text.contains('\0') {
            self.fail(name, "Null characters are not allowed.");
        } else if text.chars().count() > limits.most {
            self.fail(name, format!("Ensure this field has no more than {} characters.", limits.most));
        } else {
            return Some(text);
        }
        None
    }

    /// DateTimeField: `None` if it is absent or wrong.
    pub(super) fn date_time(&mut self, name: &'static str, limits: &Text) -> Option<Timestamp> {
        let moment = date_time::parse(&self.text(name, false, limits)?);
        if moment.is_none() {
            self.fail(name, date_time::WRONG_FORMAT);
        }
        moment
    }

    /// BooleanField, with everything that DRF takes for true and false.
    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let value = self.present(name, false)?;
        let known = match value {
            Value::Bool(value) => Some(*value),
            Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
            Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
            Value::String(text) => match strip(text).to_lowercase().as_str() {
                "t" | "y" | "yes" | "true" | "on" | "1" => Some(true),
                "f" | "n" | "no" | "false" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if known.is_none() {
            self.fail(name, "Must be a valid boolean.");
        }
        known
    }

    /// ChoiceField `event_source`.
    pub(super) fn event_source(&mut self, required: bool) -> Option<EventSource> {
        let name = "event_source";
        let value = self.present(name, required)?;
        let source = value.as_str().and_then(EventSource::parse);
        if source.is_none() {
            self.fail(name, format!("\"{}\" is not a valid choice.", python_str(value)));
        }
        source
    }

    /// JSONField or DictField: any object.
    pub(super) fn object(&mut self, name: &'static str) -> Option<&'v Value> {
        let value = self.present(name, false)?;
        if value.is_object() {
            return Some(value);
        }
        let kind = type_name(value);
        self.fail(name, format!("Expected a dictionary of items but got type \"{kind}\"."));
        None
    }

    /// IntegerField.
    pub(super) fn integer(&mut self, name: &'static str) -> Option<i64> {
        let value = self.present(name, false)?;
        let number = match value {
            Value::Number(number) => whole(&number.to_string()),
            Value::String(text) => whole(strip(text)),
            _ => None,
        };
        if number.is_none() {
            self.fail(name, "A valid integer is required.");
        }
        number
    }
}

/// The integer that a text names, with or without zeros behind a point, as DRF's IntegerField takes it.
fn whole(text: &str) -> Option<i64> {
    let digits = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    digits.parse().ok()
}

/// Python's `str.strip()`: white space as Unicode has it, and the four ASCII separators that Rust does not count.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// Python's name for the type of a JSON value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Python's `str()` of a JSON value.
fn python_str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => python_repr(other),
    }
}

fn python_repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => python_float(float),
            _ => number.to_string(),
        },
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let inner = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
            let inner = if quote == '\'' { inner.replace('\'', "\\'") } else { inner };
            format!("{quote}{inner}{quote}")
        }
        Value::Array(items) => format!("[{}]", items.iter().map(python_repr).collect::<Vec<_>>().join(", ")),
        Value::Object(pairs) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}: {}", python_repr(&Value::String(key.clone())), python_repr(value))
            };
            format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Python's `repr` of a float: the shortest digits, in scientific form below 1e-4 and from 1e16 on.
fn python_float(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{float:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{float}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn zeros_behind_a_point_make_no_other_number() {
        for (text, number) in
            [("1", Some(1)), ("1.0", Some(1)), ("-7.00", Some(-7)), ("1.", Some(1)), ("1.5", None), (".0", None)]
        {
            assert_eq!(whole(text), number, "{text}");
        }
    }

    fn text(value: Value) -> Result<Option<String>, SdElementsFailure> {
        let body = json!({"name": value});
        let mut fields = Fields::of(&body, true)?;
        let read = fields.text("name", true, &Text { most: 5, blank: false });
        fields.finish(Some(read))
    }

    #[test]
    fn texts_are_coerced_trimmed_and_counted_in_code_points() {
        for (value, wanted) in [
            (json!(" a "), "a"),
            (json!(12), "12"),
            (json!(1.0), "1.0"),
            (json!(1e16), "1e+16"),
            (json!("\u{1c}\u{2003}é\u{1f}"), "é"),
            (json!("日本語日本"), "日本語日本"),
        ] {
            assert_eq!(text(value.clone()), Ok(Some(wanted.to_owned())), "{value}");
        }
    }

    #[test]
    fn other_values_have_drfs_messages() {
        for (value, message) in [
            (json!(null), "This field may not be null."),
            (json!("  "), "This field may not be blank."),
            (json!(true), "Not a valid string."),
            (json!([]), "Not a valid string."),
            (json!({}), "Not a valid string."),
            (json!("123456"), "Ensure this field has no more than 5 characters."),
            (json!("a\0b"), "Null characters are not allowed."),
        ] {
            assert_eq!(text(value.clone()), Err(SdElementsFailure::field("name", message)), "{value}");
        }
    }

    #[test]
    fn booleans_are_what_drf_takes_for_them() {
        let read = |value: Value| {
            let body = json!({"active": value});
            let mut fields = Fields::of(&body, false).unwrap();
            let read = fields.boolean("active");
            fields.finish(Some(read)).ok().flatten()
        };
        for value in [
            json!(true),
            json!("true"),
            json!("True"),
            json!("t"),
            json!("yes"),
            json!("on"),
            json!(1),
            json!("1"),
            json!(1.0),
        ] {
            assert_eq!(read(value.clone()), Some(true), "{value}");
        }
        for value in
            [json!(false), json!("false"), json!("F"), json!("no"), json!("off"), json!(0), json!("0"), json!(0.0)]
        {
            assert_eq!(read(value.clone()), Some(false), "{value}");
        }
        for value in [json!(2), json!(""), json!("maybe"), json!([]), json!({}), json!("null")] {
            assert_eq!(read(value.clone()), None, "{value}");
        }
    }

    #[test]
    fn choices_are_quoted_as_python_prints_them() {
        for (value, shown) in [
            (json!("x"), "x"),
            (json!(""), ""),
            (json!(5), "5"),
            (json!(true), "True"),
            (json!(["a", null, 1.5]), "['a', None, 1.5]"),
            (json!({"a": "it's"}), "{'a': \"it's\"}"),
        ] {
            let body = json!({"event_source": value});
            let mut fields = Fields::of(&body, false).unwrap();
            let read = fields.event_source(true);
            let failure = SdElementsFailure::field("event_source", format!("\"{shown}\" is not a valid choice."));
            assert_eq!(fields.finish(Some(read)), Err(failure));
        }
    }

    proptest! {
        #[test]
        fn a_text_is_accepted_if_a_slow_oracle_accepts_it(value in "\\PC{0,12}|[ \\t\\n\\x1c-\\x1f]{0,3}[a-z]{0,7}[ \\t\\n]{0,3}") {
            let inside: Vec<char> = value.chars().collect();
            let blank = |c: &char| c.is_whitespace() || ['\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}'].contains(c);
            let start = inside.iter().position(|c| !blank(c)).unwrap_or(inside.len());
            let end = inside.iter().rposition(|c| !blank(c)).map_or(start, |at| at + 1);
            let oracle: String = inside[start..end].iter().collect();
            let good = (1..=5).contains(&(end - start));
            prop_assert_eq!(text(json!(value)).ok().flatten(), good.then_some(oracle));
        }
    }
}
