//! The OpenAPI 3.1 documents of the four APIs and of `POST /events`, made from the types that are on the wire.
//!
//! What is answered is described by the types that are serialised (`JsonSchema` is derived beside `Serialize`), errors by the
//! failures that the code makes, shown as it answers them; what is taken by the limits of the validators. Each API says which
//! operations it has in its own `openapi.rs`. Only the local stack has all this: no function is built with it.

mod document;
mod operation;
mod parts;
mod schemas;
mod shared_replies;
mod types;

pub(super) use document::Document;
pub(super) use operation::Operation;
pub(super) use schemas::{
    Member, endpoint_url, event_type, event_types, moment, object, object_id, optional, project, refusable, required,
    ulid,
};

#[cfg(test)]
mod tests;
