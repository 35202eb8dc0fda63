//! API Gateway's event, read without ever failing: whatever a caller makes the gateway pass on, a function answers.
//!
//! `lambda_http` converts events too, but it panics where a header or a query makes no URL (`Host: a b`), and refuses an event that
//! lacks a field. The gateway turns either into a 502 that no API documents.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, value::RawValue};

use super::Route;
use crate::encoding::from_base64;

/// An event of a REST API (payload version 1) or an HTTP API (version 2). What is missing, or of another type than documented, is as
/// if it were empty.
#[derive(Debug, Default)]
pub(crate) struct Event(Map<String, Value>);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // In two steps, so that only what is not JSON at all fails here, where the runtime would answer in our place.
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(text.get()).unwrap_or_default()))
    }
}

impl Event {
    /// Whether an HTTP API sent it, which takes replies of version 2. `httpMethod` does not tell: `cargo lambda watch` sends a GET there,
    /// whatever the method is.
    pub(crate) fn is_version_2(&self) -> bool {
        self.text(&["requestContext", "http", "method"]).is_some()
    }

    /// The text that those keys lead to.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<&str> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, key| value.get(key))?.as_str()
    }

    /// The path as the caller sent it, without the stage.
    pub(crate) fn path(&self) -> &str {
        let name = if self.is_version_2() { "rawPath" } else { "path" };
        self.text(&[name]).unwrap_or_default()
    }

    /// How many segments of the path belong to a custom domain's base path. The gateway leaves it in the path; what it matched
    /// against its own resource is the rest.
    pub(crate) fn base(&self) -> usize {
        let matched = match self.text(&["pathParameters", "proxy"]) {
            Some(proxy) => Route::count(proxy),
            None => match self.text(&["resource"]) {
                Some(resource) if !resource.is_empty() && !resource.contains('+') => Route::count(resource),
                _ => return 0,
            },
        };
        Route::count(self.path()).saturating_sub(matched)
    }

    /// The method; GET where none is named.
    pub(crate) fn method(&self) -> Method {
        let places: [&[&str]; 3] =
            [&["requestContext", "http", "method"], &["httpMethod"], &["requestContext", "httpMethod"]];
        let named = places.iter().find_map(|keys| Method::from_bytes(self.text(keys)?.as_bytes()).ok());
        named.unwrap_or_default()
    }

    /// The headers that HTTP allows, repeats included. `headers` holds the last of each, and counts only where `multiValueHeaders` has
    /// none of that name.
    pub(crate) fn headers(&self) -> HeaderMap {
        let read = |(name, value): (&str, &str)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in self.pairs("multiValueHeaders").filter_map(read) {
            // More names than a map holds are left out; `append` would panic.
            let _ = headers.try_append(name, value);
        }
        for (name, value) in self.pairs("headers").filter_map(read) {
            if !headers.contains_key(&name) {
                let _ = headers.try_append(name, value);
            }
        }
        headers
    }

    /// The decoded query parameters, repeats included.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        if let Some(raw) = self.text(&["rawQueryString"]).filter(|_| self.is_version_2()) {
            return url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
        }
        let all = ["multiValueQueryStringParameters", "queryStringParameters"];
        let held = all.into_iter().find(|name| self.pairs(name).next().is_some()).unwrap_or_default();
        self.pairs(held).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The body's bytes, base64 undone; what claims to be base64 and is not is taken as it is, for the API to refuse.
    pub(crate) fn body(&mut self) -> Vec<u8> {
        let encoded = self.0.get("isBase64Encoded") == Some(&Value::Bool(true));
        let Some(Value::String(body)) = self.0.remove("body") else { return Vec::new() };
        let decoded = if encoded { from_base64(&body) } else { None };
        decoded.unwrap_or_else(|| body.into_bytes())
    }

    /// The texts of an object whose members are texts or lists of texts.
    fn pairs(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.get(name).and_then(Value::as_object).into_iter().flatten().flat_map(|(name, value)| {
            let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            many.chain(value.as_str()).map(move |text| (name.as_str(), text))
        })
    }
}
