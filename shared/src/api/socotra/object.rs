//! Parses the objects of a body. Types are strict, `null` counts as absent, and unknown members are ignored. All errors
//! are collected, so that one reply reports them together.

use serde_json::{Map, Value};

use super::{FieldError, SocotraFailure};
use crate::{
    api::common::json_body::{self, BadBody},
    http::Request,
};

/// Parses the body as JSON.
///
/// # Errors
///
/// 413 if the body is larger than 256 KB, 415 if its media type is not JSON, 400 if it is not valid UTF-8 or not valid
/// JSON.
pub fn parse_body(request: &Request) -> Result<Value, SocotraFailure> {
    json_body::parse(request).map_err(|bad| match bad {
        BadBody::TooLarge => SocotraFailure::TooLarge,
        BadBody::UnsupportedMediaType(_) => SocotraFailure::UnsupportedMediaType,
        BadBody::NotUtf8(_) => SocotraFailure::Malformed("it is not UTF-8".to_owned()),
        BadBody::NotJson(error) => SocotraFailure::Malformed(error.to_string()),
    })
}

/// The errors found so far in one request.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<FieldError>);

impl Problems {
    /// Adds an error for a field. Only the first error of a field is kept, because later ones say nothing useful.
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let field = field.into();
        if self.0.iter().all(|known| known.field != field) {
            self.0.push(FieldError { field, message: message.into() });
        }
    }

    /// Returns the value if there are no errors, and otherwise a 400 with all errors.
    pub(super) fn finish<T>(self, value: T) -> Result<T, SocotraFailure> {
        if self.0.is_empty() { Ok(value) } else { Err(SocotraFailure::Invalid(self.0)) }
    }
}

/// An object and its place in the body.
#[derive(Clone, Debug)]
pub(super) struct Object<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

impl<'v> Object<'v> {
    /// Takes the whole body, which must be an object.
    pub(super) fn body(body: &'v Value) -> Result<Self, SocotraFailure> {
        let members = body.as_object().ok_or_else(|| SocotraFailure::field("", "the body must be an object"))?;
        Ok(Self { members, place: String::new() })
    }

    /// Returns the place of a member in the body, for example `endpoint.url`.
    pub(super) fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn member<T>(
        &self,
        name: &str,
        problems: &mut Problems,
        expected: &str,
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.members.get(name).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            problems.add(self.place(name), format!("must be {expected}"));
        }
        read
    }

    /// Adds an error if the member is missing or `null`.
    pub(super) fn require(&self, name: &str, problems: &mut Problems) {
        if self.members.get(name).is_none_or(Value::is_null) {
            problems.add(self.place(name), REQUIRED);
        }
    }

    pub(super) fn text(&self, name: &str, problems: &mut Problems) -> Option<&'v str> {
        self.member(name, problems, "a string", Value::as_str)
    }

    pub(super) fn boolean(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        self.member(name, problems, "true or false", Value::as_bool)
    }

    /// Reads a whole number that must be within these limits.
    pub(super) fn integer(
        &self,
        name: &str,
        within: std::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let expected = format!("a whole number from {} to {}", within.start(), within.end());
        self.member(name, problems, &expected, |value| value.as_u64().filter(|number| within.contains(number)))
    }

    pub(super) fn object(&self, name: &str, problems: &mut Problems) -> Option<Self> {
        let members = self.member(name, problems, "an object", Value::as_object)?;
        Some(Self { members, place: self.place(name) })
    }

    pub(super) fn texts(&self, name: &str, problems: &mut Problems) -> Option<Vec<&'v str>> {
        self.member(name, problems, "a list of strings", texts)
    }

    /// Reads a map from strings to lists of strings, in the order of the body.
    pub(super) fn map_of_texts(&self, name: &str, problems: &mut Problems) -> Option<Vec<(&'v str, Vec<&'v str>)>> {
        self.member(name, problems, "a map from names to lists of strings", |value| {
            value.as_object()?.iter().map(|(name, values)| Some((name.as_str(), texts(values)?))).collect()
        })
    }
}

/// The message for a member that is missing.
pub(super) const REQUIRED: &str = "is required";

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
