//! The OpenAPI documents: written to `docs/openapi`, and served with a page that shows them without needing a network.

mod curl;
mod documents;
mod swagger_ui;
mod try_it;
mod viewer;

pub use documents::{documents, write};
pub(crate) use try_it::{TRY, try_it};
pub(crate) use viewer::{Access, serve};
