//! Reads API Gateway's events. Reading never fails, so that a function answers whatever a caller makes the gateway pass
//! on.
//!
//! `lambda_http` converts events too, but it panics if a header or a query does not make a valid URL (`Host: a b`), and
//! refuses an event without some field. The gateway turns both into a 502, which no API documents.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, value::RawValue};

use super::Route;
use crate::encoding::from_base64;

/// An event of a REST API (payload version 1) or an HTTP API (version 2). A field that is missing or has an
/// undocumented type is read as empty.
#[derive(Debug, Default)]
pub(crate) struct Event(Map<String, Value>);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Two steps, so that this fails only if the event is not JSON. After a failure here the runtime answers instead
        // of the function.
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(text.get()).unwrap_or_default()))
    }
}

impl Event {
    /// Whether an HTTP API sent the event, which needs a reply of version 2. `httpMethod` cannot tell: `cargo lambda
    /// watch` always sends GET there.
    pub(crate) fn is_version_2(&self) -> bool {
        self.text(&["requestContext", "http", "method"]).is_some()
    }

    /// The text at this path of keys; `None` if there is none.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<&str> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, key| value.get(key))?.as_str()
    }

    /// The path as the caller sent it, without the stage.
    pub(crate) fn path(&self) -> &str {
        let name = if self.is_version_2() { "rawPath" } else { "path" };
        self.text(&[name]).unwrap_or_default()
    }

    /// How many segments of the path belong to a custom domain's base path. The gateway leaves the base path in the
    /// path, and matches only the rest to its resource.
    pub(crate) fn base(&self) -> usize {
        let resource = self.text(&["resource"]).unwrap_or_default();
        let matched = match self.text(&["pathParameters", "proxy"]) {
            Some(proxy) => Route::count(proxy) + Route::count(resource.strip_suffix("{proxy+}").unwrap_or_default()),
            None if resource.is_empty() || resource.contains('+') => return 0,
            None => Route::count(resource),
        };
        Route::count(self.path()).saturating_sub(matched)
    }

    /// The method; GET if the event has none.
    pub(crate) fn method(&self) -> Method {
        let places: [&[&str]; 3] =
            [&["requestContext", "http", "method"], &["httpMethod"], &["requestContext", "httpMethod"]];
        let named = places.iter().find_map(|keys| Method::from_bytes(self.text(keys)?.as_bytes()).ok());
        named.unwrap_or_default()
    }

    /// The headers, including repeated ones, without those that HTTP forbids. The event's `headers` has the last value
    /// of each header; it is used only for names that `multiValueHeaders` does not have.
    pub(crate) fn headers(&self) -> HeaderMap {
        let read = |(name, value): (&str, &str)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in self.pairs("multiValueHeaders").filter_map(read) {
            // Headers beyond the capacity of a map are left out. `append` would panic.
            let _ = headers.try_append(name, value);
        }
        for (name, value) in self.pairs("headers").filter_map(read) {
            if !headers.contains_key(&name) {
                let _ = headers.try_append(name, value);
            }
        }
        headers
    }

    /// The decoded query parameters, including repeated ones.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        if let Some(raw) = self.text(&["rawQueryString"]).filter(|_| self.is_version_2()) {
            return url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
        }
        let all = ["multiValueQueryStringParameters", "queryStringParameters"];
        let held = all.into_iter().find(|name| self.pairs(name).next().is_some()).unwrap_or_default();
        self.pairs(held).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Takes the body's bytes out of the event, decoded from base64 if they are marked so. A body that is marked so but
    /// is not valid base64 is returned as it is, and the API refuses it.
    pub(crate) fn body(&mut self) -> Vec<u8> {
        let encoded = self.0.get("isBase64Encoded") == Some(&Value::Bool(true));
        let Some(Value::String(body)) = self.0.remove("body") else { return Vec::new() };
        let decoded = if encoded { from_base64(&body) } else { None };
        decoded.unwrap_or_else(|| body.into_bytes())
    }

    /// The pairs of name and text in the member `name`, an object of texts or lists of texts.
    fn pairs(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.get(name).and_then(Value::as_object).into_iter().flatten().flat_map(|(name, value)| {
            let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            many.chain(value.as_str()).map(move |text| (name.as_str(), text))
        })
    }
}
