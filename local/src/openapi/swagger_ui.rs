//! The files of Swagger UI, unpacked from the archive that the crate `utoipa-swagger-ui-vendored` contains.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    sync::OnceLock,
};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::{ZipArchive, result::ZipResult};

/// The files that the page needs, of all that the archive has.
const NEEDED: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// One of the needed files; `None` for any other. The archive is unpacked when the first one is asked for.
pub(super) fn file(name: &str) -> Option<&'static str> {
    static FILES: OnceLock<BTreeMap<&str, String>> = OnceLock::new();
    FILES.get_or_init(|| unpacked().unwrap_or_default()).get(name).map(String::as_str)
}

fn unpacked() -> ZipResult<BTreeMap<&'static str, String>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        // The folder above `dist` is named after the version.
        let path = entry.name()?.into_owned();
        let needed = NEEDED.into_iter().find(|name| path.ends_with(&format!("/dist/{name}")));
        if let Some(name) = needed {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            files.insert(name, text);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_has_what_the_page_needs() {
        assert!(file("swagger-ui-bundle.js").unwrap().contains("SwaggerUIBundle"));
        assert!(file("swagger-ui.css").unwrap().contains(".swagger-ui"));
        assert_eq!(file("index.html"), None);
    }
}
