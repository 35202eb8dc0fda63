//! The OpenAPI documents of the four APIs and of `POST /events`, made from the types that are on the wire: in 3.1, and the same
//! rendered as 3.0.3.
//!
//! What is answered is described by the types that are serialised (`JsonSchema` is derived beside `Serialize`), errors by the
//! failures that the code makes, shown as it answers them; what is taken by the limits of the validators. Each API says which
//! operations it has in its own `openapi.rs`. Only the local stack has all this: no function is built with it.

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
