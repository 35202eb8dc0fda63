//! The OpenAPI 3.1 documents of the four APIs and of `POST /events`, made from the types that are on the wire.
//!
//! What is answered is described by the types that are serialised (`JsonSchema` is derived beside `Serialize`), errors by the
//! failures that the code makes, shown as it answers them; what is taken by the limits of the validators. Each API says which
//! operations it has in its own `openapi.rs`. Only the local stack has all this: no function is built with it.

mod document;
mod operation;
mod schemas;
mod shared_replies;
mod types;

use serde_json::Value;

pub(super) use document::Document;
pub(super) use operation::Operation;
pub(super) use schemas::{
    Member, endpoint_url, event_type, event_types, moment, object, object_id, optional, project, refusable, required,
    ulid,
};

use super::{akinon, events, flip, sdelements, socotra};

/// Each document with its name: that of its API, or `events`.
#[must_use]
pub fn documents() -> Vec<(&'static str, Value)> {
    vec![
        ("sdelements", sdelements::openapi::document()),
        ("flip", flip::openapi::document()),
        ("akinon", akinon::openapi::document()),
        ("socotra", socotra::openapi::document()),
        ("events", events::openapi::document()),
    ]
}

#[cfg(test)]
mod tests;
