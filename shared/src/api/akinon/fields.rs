//! Parses the fields of a webhook in a body. Each field is read if it is present. All errors are collected, so that one
//! reply reports them together.

use serde_json::{Map, Value};

use super::failure::{AkinonFailure, FieldError};
use crate::{
    api::common::event_types,
    domain::{Pattern, Secret, Subscription},
    validation::{
        endpoint_url::{self, Refusal},
        headers,
    },
};

/// The longest name, in code points. Akinon's documents set no limit.
pub(super) const LONGEST_NAME: usize = 255;

/// Reads the fields of one body and collects their errors.
pub(super) struct Fields<'v> {
    object: &'v Map<String, Value>,
    required: bool,
    errors: Vec<FieldError>,
}

impl<'v> Fields<'v> {
    /// Starts reading a body, which must be an object. If `required` is true, the fields that a new webhook needs must
    /// be present.
    pub(super) fn of(body: &'v Value, required: bool) -> Result<Self, AkinonFailure> {
        let object = body.as_object().ok_or(AkinonFailure::NotAnObject)?;
        Ok(Self { object, required, errors: Vec::new() })
    }

    /// Returns the value if there are no errors, and otherwise all errors.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, AkinonFailure> {
        value.filter(|_| self.errors.is_empty()).ok_or(AkinonFailure::Validation(self.errors))
    }

    fn fail<T>(&mut self, field: &'static str, message: impl Into<String>) -> Option<T> {
        self.errors.push(FieldError { field, message: message.into() });
        None
    }

    fn needed(&mut self, field: &'static str) -> Option<&'v Value> {
        match self.object.get(field) {
            None if self.required => self.fail(field, "this field is required"),
            other => other,
        }
    }

    /// `name`: 1 to 255 code points, not all of them white space.
    pub(super) fn name(&mut self) -> Option<String> {
        let Value::String(text) = self.needed("name")? else { return self.fail("name", "name must be a string") };
        if text.trim().is_empty() || text.chars().count() > LONGEST_NAME {
            return self.fail("name", "name must have 1 to 255 characters and not be blank");
        }
        Some(text.clone())
    }

    /// `url`: an https URL.
    pub(super) fn url(&mut self) -> Option<Secret> {
        let Value::String(text) = self.needed("url")? else { return self.fail("url", "url must be a string") };
        match endpoint_url::check(text) {
            Ok(()) => Some(Secret::new(text.as_str())),
            Err(Refusal::NotAUrl) => self.fail("url", "url must be an absolute URL without user and fragment"),
            Err(Refusal::NotHttps) => self.fail("url", "url must be https"),
            Err(Refusal::TooLong) => self.fail("url", "url must have at most 2048 characters"),
            Err(Refusal::NotPublic) => self.fail("url", "url must lead to the public internet"),
            Err(Refusal::BadPort) => self.fail("url", "url must not have the port of another protocol"),
        }
    }

    /// `headers`: an object of strings.
    pub(super) fn headers(&mut self) -> Option<Vec<(String, Vec<Secret>)>> {
        let Value::Object(object) = self.object.get("headers")? else {
            return self.fail("headers", "headers must be an object");
        };
        let mut read = Vec::with_capacity(object.len());
        for (name, value) in object {
            let Value::String(value) = value else {
                return self.fail("headers", "headers must be an object of strings");
            };
            read.push((name.clone(), vec![Secret::new(value.as_str())]));
        }
        match headers::check(&read) {
            Ok(()) => Some(read),
            Err(refusal) => self.fail("headers", refusal.to_string()),
        }
    }

    /// `active`: true or false.
    pub(super) fn active(&mut self) -> Option<bool> {
        match self.object.get("active")? {
            Value::Bool(active) => Some(*active),
            _ => self.fail("active", "active must be true or false"),
        }
    }

    /// `events`: event types, each matched exactly. The list may be empty, because the documents require no minimum.
    pub(super) fn events(&mut self) -> Option<Vec<Subscription>> {
        match event_types(self.needed("events")?) {
            Ok(types) => {
                let exact = |text| Subscription::new(Pattern::Exact(text));
                Some(types.into_iter().map(exact).collect())
            }
            Err(bad) => self.fail("events", bad.to_string()),
        }
    }
}
