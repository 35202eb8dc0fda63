//! The reply of a function.

use serde::Serialize;

/// An HTTP reply, independent of the event format that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers in order. A reply with a body and without Content-Type gets that of JSON.
    pub headers: Vec<(&'static str, String)>,
    /// The body's text, JSON unless a header says otherwise; `None` for no body.
    pub body: Option<String>,
}

impl Reply {
    /// A reply with `body` as JSON, its keys in the order of the type's fields.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Serializing fails only for map keys that are not strings, which no wire type has.
        let body = serde_json::to_string(body).unwrap_or_else(|_| "null".to_owned());
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// A reply with a body of this media type.
    #[must_use]
    pub fn text(status: u16, media_type: &'static str, body: String) -> Self {
        Self { status, headers: vec![("Content-Type", media_type.to_owned())], body: Some(body) }
    }

    /// A 204 without a body.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
