//! The OpenAPI documents: written to `docs/openapi`, and served with a page that shows them without needing a network.

use std::path::Path;

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
};

/// Each document with the name of its file, its text as it is committed.
#[must_use]
pub fn documents() -> Vec<(String, String)> {
    let documents = shared::api::openapi_documents();
    documents.into_iter().map(|(name, document)| (format!("{name}.json"), format!("{document:#}\n"))).collect()
}

/// Writes the documents into a folder.
///
/// # Errors
///
/// When the file system says no.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    documents().into_iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}

/// The page, or the document of that name beneath it.
pub(crate) fn serve(name: &str) -> Response {
    if name.is_empty() {
        return Html(include_str!("openapi.html")).into_response();
    }
    match documents().into_iter().find(|(known, _)| known == name) {
        Some((_, text)) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
