//! The OpenAPI documents of the four APIs and of `POST /events`. They are generated from the types that are on the
//! wire, in OpenAPI 3.1, and can be rendered as 3.0.3.
//!
//! Replies are described by the types that are serialized: `JsonSchema` is derived beside `Serialize`. Errors are
//! described by the failures in the code, with their real replies as examples. Requests are described by the limits of
//! the validators. Each API lists its operations in its own `openapi.rs`. Only the local stack contains this code; no
//! function is built with it.

mod document;
mod examples;
mod merge;
mod older;
mod operation;
mod parts;
mod plain;
mod schemas;
mod shared_replies;
mod types;
mod walk;

pub(super) use document::Document;
pub use older::rendered as rendered_as_3_0;
pub(super) use operation::Operation;
pub(super) use schemas::{
    Member, also, endpoint_url, event_type, event_types, moment, object, object_id, optional, project, refusable,
    required, ulid,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_forms;
