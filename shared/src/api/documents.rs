//! The OpenAPI documents of all APIs.

use serde_json::Value;

use super::{akinon, events, flip, operations, sdelements, socotra};

/// Returns each document, in OpenAPI 3.1, with its name: the name of its API, or `events`.
#[must_use]
pub fn documents() -> Vec<(&'static str, Value)> {
    vec![
        ("sdelements", sdelements::openapi::document()),
        ("flip", flip::openapi::document()),
        ("akinon", akinon::openapi::document()),
        ("socotra", socotra::openapi::document()),
        ("events", events::openapi::document()),
        ("operations", operations::openapi::document()),
    ]
}
