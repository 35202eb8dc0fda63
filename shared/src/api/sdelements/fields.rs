//! DRF's fields: how they convert values, and their messages for values that they refuse. (rest_framework/fields.py.)

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    SdElementsFailure, Wrong, date_time,
    python::{Dict, Str, Value, int, strip, strip_end},
    url_field,
};
use crate::domain::{EventSource, Timestamp};

/// Reads the fields of one object and collects their errors in the order of reading.
pub(super) struct Fields<'v> {
    object: &'v Dict,
    partial: bool,
    failures: Vec<(&'static str, Wrong)>,
}

/// Limits of a text field.
pub(super) struct Text {
    /// The largest number of code points after trimming.
    pub(super) most: usize,
    /// Whether the text may be empty.
    pub(super) blank: bool,
}

impl<'v> Fields<'v> {
    /// Starts reading a body, which must be an object. `partial` is for PATCH: no field is required.
    pub(super) fn of(body: &'v Value, partial: bool) -> Result<Self, SdElementsFailure> {
        let message = match body {
            Value::Dict(object) => return Ok(Self { object, partial, failures: Vec::new() }),
            Value::None => "No data provided".to_owned(),
            other => format!("Invalid data. Expected a dictionary, but got {}.", other.type_name()),
        };
        Err(SdElementsFailure::field("non_field_errors", message))
    }

    /// Returns the value if there are no errors, and otherwise all errors.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, SdElementsFailure> {
        match value {
            Some(value) if self.failures.is_empty() => Ok(value),
            _ => Err(SdElementsFailure::Validation(self.failures)),
        }
    }

    /// Adds a message to the field's failures.
    pub(super) fn fail(&mut self, name: &'static str, message: impl Into<String>) {
        self.failures.push((name, Wrong::Value(message.into())));
    }

    fn present(&mut self, name: &'static str, required: bool) -> Option<&'v Value> {
        match self.object.get(name) {
            None if required && !self.partial => {
                self.fail(name, "This field is required.");
                None
            }
            Some(Value::None) => {
                self.fail(name, "This field may not be null.");
                None
            }
            other => other,
        }
    }

    /// Reads a CharField: a string or a number. White space around it is removed. Booleans, objects and arrays are
    /// refused.
    pub(super) fn text(&mut self, name: &'static str, required: bool, limits: &Text) -> Option<String> {
        self.characters(name, required, limits, "Not a valid string.", |_| true)
    }

    /// Reads a URLField: a CharField that must also be a URL by Django's rules.
    pub(super) fn url(&mut self, name: &'static str, required: bool, limits: &Text) -> Option<String> {
        self.characters(name, required, limits, url_field::INVALID, url_field::is_valid)
    }

    /// Reads a text for which `is_valid` must hold. `invalid` is the message if it does not hold, and for values of
    /// other types. As in DRF, a text that is not blank is checked by every rule and gets a message for each broken
    /// rule.
    fn characters(
        &mut self,
        name: &'static str,
        required: bool,
        limits: &Text,
        invalid: &'static str,
        is_valid: fn(&str) -> bool,
    ) -> Option<String> {
        let value = match self.present(name, required)? {
            Value::Str(text) => Cow::Borrowed(text),
            number @ (Value::Int(_) | Value::Float(_)) => Cow::Owned(Str::from(number.to_text().as_str())),
            Value::None | Value::Bool(_) | Value::List(_) | Value::Dict(_) => {
                self.fail(name, invalid);
                return None;
            }
        };
        let text = strip(value.shown());
        if text.is_empty() && !limits.blank {
            self.fail(name, "This field may not be blank.");
            return None;
        }
        if text.is_empty() {
            return Some(String::new());
        }
        let before = self.failures.len();
        if text.chars().count() > limits.most {
            self.fail(name, format!("Ensure this field has no more than {} characters.", limits.most));
        }
        if text.contains('\0') {
            self.fail(name, "Null characters are not allowed.");
        }
        if let Some(surrogate) = value.surrogate() {
            self.fail(name, format!("Surrogate characters are not allowed: U+{surrogate:X}."));
        }
        if !is_valid(text) {
            self.fail(name, invalid);
        }
        (self.failures.len() == before).then(|| text.to_owned())
    }

    /// Reads a DateTimeField. Returns `None` if it is absent or invalid; if invalid, also adds an error.
    pub(super) fn date_time(&mut self, name: &'static str) -> Option<Timestamp> {
        let moment = match self.present(name, false)? {
            Value::Str(text) => text.text().map(strip).and_then(date_time::parse),
            _ => None,
        };
        if moment.is_none() {
            self.fail(name, date_time::WRONG_FORMAT);
        }
        moment
    }

    /// Reads a BooleanField: true, false, and the numbers and words that DRF accepts for them. Words may be in any
    /// case, but white space around them is refused.
    pub(super) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let known = match self.present(name, false)? {
            Value::Bool(value) => Some(*value),
            Value::Int(digits) if digits == "1" => Some(true),
            Value::Int(digits) if digits == "0" => Some(false),
            Value::Float(1.0) => Some(true),
            Value::Float(0.0) => Some(false),
            Value::Str(word) => match word.shown().to_lowercase().as_str() {
                "t" | "y" | "yes" | "true" | "on" | "1" => Some(true),
                "f" | "n" | "no" | "false" | "off" | "0" => Some(false),
                _ => None,
            },
            Value::None | Value::Int(_) | Value::Float(_) | Value::List(_) | Value::Dict(_) => None,
        };
        if known.is_none() {
            self.fail(name, "Must be a valid boolean.");
        }
        known
    }

    /// Reads the ChoiceField `event_source`.
    pub(super) fn event_source(&mut self, required: bool) -> Option<EventSource> {
        let name = "event_source";
        let value = self.present(name, required)?;
        let source = match value {
            Value::Str(text) => text.text().and_then(EventSource::parse),
            _ => None,
        };
        if source.is_none() {
            self.fail(name, not_a_choice(&value.to_text()));
        }
        source
    }

    /// Checks a DictField: if it is present, its value must be an object.
    pub(super) fn object(&mut self, name: &'static str) {
        match self.present(name, false) {
            None | Some(Value::Dict(_)) => {}
            Some(other) => {
                let kind = other.type_name();
                self.fail(name, format!("Expected a dictionary of items but got type \"{kind}\"."));
            }
        }
    }

    /// Reads an IntegerField. Returns the digits of an integer of any size.
    pub(super) fn integer(&mut self, name: &'static str) -> Option<String> {
        let value = self.present(name, false)?;
        integer(value).map_err(|message| self.fail(name, message)).ok()
    }

    /// Reads a ListField of at most `most` ids: IntegerFields from 1 to 2^63 - 1, none of them twice. `null` is an empty
    /// list. Returns `None` if it is absent or invalid; if invalid, also adds an error.
    pub(super) fn ids(&mut self, name: &'static str, most: usize) -> Option<Vec<u64>> {
        let items = match self.object.get(name)? {
            Value::None => return Some(Vec::new()),
            Value::List(items) => items,
            other => {
                let kind = other.type_name();
                self.fail(name, format!("Expected a list of items but got type \"{kind}\"."));
                return None;
            }
        };
        // As in DRF, the items are read before they are counted.
        let before = self.failures.len();
        let mut ids = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match id(item) {
                Ok(id) => ids.push(id),
                Err(message) => self.failures.push((name, Wrong::Item(at, message))),
            }
        }
        if self.failures.len() > before {
            return None;
        }
        if ids.len() > most {
            self.fail(name, format!("Ensure this field has no more than {most} elements."));
        }
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            self.fail(name, "Each item may be listed once.");
        }
        (self.failures.len() == before).then_some(ids)
    }
}

/// Reads an integer of any size as DRF's IntegerField does. Returns its digits, or the message if it is none.
fn integer(value: &Value) -> Result<String, &'static str> {
    if let Value::Str(text) = value
        && text.shown().chars().count() > LONGEST_INTEGER
    {
        return Err("String value too large.");
    }
    int(without_zeros(&value.to_text())).ok_or("A valid integer is required.")
}

/// Reads an id in a list: an integer from 1 to 2^63 - 1.
fn id(value: &Value) -> Result<u64, String> {
    const MOST: u64 = i64::MAX.unsigned_abs();
    if let Value::None = value {
        return Err("This field may not be null.".to_owned());
    }
    let digits = integer(value)?;
    if digits.starts_with(['-', '0']) {
        return Err("Ensure this value is greater than or equal to 1.".to_owned());
    }
    let id = digits.parse().ok().filter(|id| *id <= MOST);
    id.ok_or_else(|| format!("Ensure this value is less than or equal to {MOST}."))
}

/// The longest text that DRF's IntegerField accepts, in code points.
const LONGEST_INTEGER: usize = 1000;

/// Removes a decimal point that only zeros follow, with the zeros: DRF accepts `1.0` as an integer.
fn without_zeros(text: &str) -> &str {
    strip_end(text).trim_end_matches('0').strip_suffix('.').unwrap_or(text)
}

/// The message for a text that is not one of the choices.
pub(super) fn not_a_choice(text: &str) -> String {
    format!("\"{text}\" is not a valid choice.")
}

#[cfg(test)]
mod tests;
