//! Reading the objects of a body. Types are taken strictly, `null` counts as absent, unknown members are ignored, and
//! everything that is wrong is gathered.

use serde_json::{Map, Value};

use super::{FieldError, SocotraFailure};
use crate::{
    api::common::json_body::{self, BadBody},
    http::Request,
};

/// The body's JSON.
///
/// # Errors
///
/// 413 above 256 KB, 415 for another media type, 400 for what is not valid UTF-8 or not valid JSON.
pub fn parse_body(request: &Request) -> Result<Value, SocotraFailure> {
    json_body::parse(request).map_err(|bad| match bad {
        BadBody::TooLarge => SocotraFailure::TooLarge,
        BadBody::UnsupportedMediaType(_) => SocotraFailure::UnsupportedMediaType,
        BadBody::NotUtf8(_) => SocotraFailure::Malformed("it is not UTF-8".to_owned()),
        BadBody::NotJson(error) => SocotraFailure::Malformed(error.to_string()),
    })
}

/// Everything that is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<FieldError>);

impl Problems {
    /// Adds what is wrong with a field, unless something is known of it already: only the first is of use.
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let field = field.into();
        if self.0.iter().all(|known| known.field != field) {
            self.0.push(FieldError { field, message: message.into() });
        }
    }

    /// What was read, unless something is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, SocotraFailure> {
        if self.0.is_empty() { Ok(value) } else { Err(SocotraFailure::Invalid(self.0)) }
    }
}

/// An object with its place in the body.
#[derive(Clone, Debug)]
pub(super) struct Object<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

impl<'v> Object<'v> {
    /// The body as a whole.
    pub(super) fn body(body: &'v Value) -> Result<Self, SocotraFailure> {
        let members = body.as_object().ok_or_else(|| SocotraFailure::field("", "the body must be an object"))?;
        Ok(Self { members, place: String::new() })
    }

    /// The place of a member, for example `endpoint.url`.
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

    /// Says that a member is missing, if it is.
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

    /// A whole number within limits.
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

    /// A map from strings to lists of strings, in its order.
    pub(super) fn map_of_texts(&self, name: &str, problems: &mut Problems) -> Option<Vec<(&'v str, Vec<&'v str>)>> {
        self.member(name, problems, "a map from names to lists of strings", |value| {
            value.as_object()?.iter().map(|(name, values)| Some((name.as_str(), texts(values)?))).collect()
        })
    }
}

/// What is said of a member that is missing.
pub(super) const REQUIRED: &str = "is required";

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
