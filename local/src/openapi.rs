//! The OpenAPI documents: written to `docs/openapi`, and served with a page that shows them without needing a network.

use std::path::Path;

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
};

/// Each document's path in `docs/openapi` and its text as it is committed: in OpenAPI 3.1, and the same rendered as 3.0.3 under `3.0/`.
#[must_use]
pub fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (name, document) in shared::api::openapi_documents() {
        let older = shared::api::openapi_rendered_as_3_0(&document);
        documents.push((format!("{name}.json"), format!("{document:#}\n")));
        documents.push((format!("3.0/{name}.json"), format!("{older:#}\n")));
    }
    documents
}

/// Writes the documents into a folder.
///
/// # Errors
///
/// The file system's errors.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("3.0"))?;
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
