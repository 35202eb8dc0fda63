//! Parses the objects of a body. Types are strict, and `null` counts as absent. All errors are collected, so that one
//! reply reports them together.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::Timestamp;

/// What is wrong with one field of a body or one parameter of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Its place, for example `endpoint.url`; empty for the body as a whole.
    pub field: String,
    /// What is wrong with it. Never holds its value, which may be a credential.
    pub message: String,
}

/// The errors found so far in one request.
#[derive(Debug, Default)]
pub(in crate::api) struct Problems(Vec<FieldError>);

impl Problems {
    /// The most errors that one reply reports.
    const MOST: usize = 100;

    /// Adds an error for a field. Only the first error of a field is kept, because later ones say nothing useful, and at
    /// most [`Problems::MOST`] in all.
    pub(in crate::api) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let field = field.into();
        if self.0.len() < Self::MOST && self.0.iter().all(|known| known.field != field) {
            self.0.push(FieldError { field, message: message.into() });
        }
    }

    /// Returns the value if there are no errors, and otherwise the API's failure with all errors.
    pub(in crate::api) fn finish<T, F: From<Vec<FieldError>>>(self, value: T) -> Result<T, F> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0.into()) }
    }
}

/// An object and its place in the body.
#[derive(Clone, Debug)]
pub(in crate::api) struct Object<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

impl<'v> Object<'v> {
    /// Takes the whole body, which must be an object.
    pub(in crate::api) fn body(body: &'v Value) -> Result<Self, Vec<FieldError>> {
        let error = || FieldError { field: String::new(), message: "the body must be an object".to_owned() };
        let members = body.as_object().ok_or_else(|| vec![error()])?;
        Ok(Self { members, place: String::new() })
    }

    /// Adds an error for each member that is not one of `names`.
    pub(in crate::api) fn allow_only(&self, names: &[&str], problems: &mut Problems) {
        for name in self.members.keys().filter(|name| !names.contains(&name.as_str())) {
            problems.add(self.place(name), "is not a known member");
        }
    }

    /// Returns the place of a member in the body, for example `endpoint.url`.
    pub(in crate::api) fn place(&self, name: &str) -> String {
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
    pub(in crate::api) fn require(&self, name: &str, problems: &mut Problems) {
        if self.members.get(name).is_none_or(Value::is_null) {
            problems.add(self.place(name), REQUIRED);
        }
    }

    pub(in crate::api) fn text(&self, name: &str, problems: &mut Problems) -> Option<&'v str> {
        self.member(name, problems, "a string", Value::as_str)
    }

    pub(in crate::api) fn boolean(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        self.member(name, problems, "true or false", Value::as_bool)
    }

    pub(in crate::api) fn moment(&self, name: &str, problems: &mut Problems) -> Option<Timestamp> {
        let expected = "an RFC 3339 date-time, for example 2025-03-31T10:15:00.000Z";
        self.member(name, problems, expected, |value| value.as_str()?.parse().ok())
    }

    /// Reads a whole number that must be within these limits.
    pub(in crate::api) fn integer(
        &self,
        name: &str,
        within: std::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let expected = format!("a whole number from {} to {}", within.start(), within.end());
        // JSON does not tell 5 from 5.0, and some clients write the latter.
        let whole = |value: &Value| value.as_u64().or_else(|| value.as_f64()?.to_string().parse().ok());
        self.member(name, problems, &expected, |value| whole(value).filter(|number| within.contains(number)))
    }

    pub(in crate::api) fn object(&self, name: &str, problems: &mut Problems) -> Option<Self> {
        let members = self.member(name, problems, "an object", Value::as_object)?;
        Some(Self { members, place: self.place(name) })
    }

    pub(in crate::api) fn texts(&self, name: &str, problems: &mut Problems) -> Option<Vec<&'v str>> {
        self.member(name, problems, "a list of strings", texts)
    }

    /// Reads a map from strings to lists of strings, in the order of the body.
    pub(in crate::api) fn map_of_texts(
        &self,
        name: &str,
        problems: &mut Problems,
    ) -> Option<Vec<(&'v str, Vec<&'v str>)>> {
        self.member(name, problems, "a map from names to lists of strings", |value| {
            value.as_object()?.iter().map(|(name, values)| Some((name.as_str(), texts(values)?))).collect()
        })
    }
}

/// The message for a member that is missing.
pub(in crate::api) const REQUIRED: &str = "is required";

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
