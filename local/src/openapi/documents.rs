//! The documents themselves, as the code says them.

use std::path::Path;

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
