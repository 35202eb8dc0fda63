//! The page of the APIs: Swagger UI, which the crate `utoipa-swagger-ui-vendored` contains, with a search, a line of curl for each operation,
//! and requests that go to the running stack.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Json, Response},
};
use serde_json::{Value, json};

use super::{curl, documents::documents, swagger_ui};
use crate::seed::Ready;

/// Only this server's own files. Swagger UI sets styles from its script and has pictures in its style sheet. No other page may
/// show this one in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The names of the documents in the order of the page.
const NAMES: [&str; 6] = ["sdelements", "flip", "akinon", "socotra", "events", "operations"];

/// How the page reaches the API.
pub(crate) struct Access {
    gateway: String,
    key: String,
    /// Values of path parameters, by name: the organization's ids.
    values: BTreeMap<String, String>,
}

impl Access {
    /// With the key of the stack's super user.
    pub(crate) fn of(ready: &Ready) -> Self {
        Self {
            gateway: ready.gateway.clone(),
            key: ready.tokens.super_user.clone(),
            values: BTreeMap::from([
                ("organizationId".to_owned(), ready.akinon_organization.clone()),
                ("tenantLocator".to_owned(), ready.socotra_tenant.clone()),
            ]),
        }
    }

    /// The API's address.
    pub(super) fn gateway(&self) -> &str {
        &self.gateway
    }
}

/// The page, one of its files, or the document of that name beneath it.
pub(crate) fn serve(name: &str, access: Option<&Access>) -> Response {
    let file = |kind: &'static str, text: &'static str| {
        ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], text).into_response()
    };
    let packed = |kind, name| match swagger_ui::file(name) {
        Some(text) => file(kind, text),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    match name {
        "" => (page_headers(), Html(include_str!("page.html"))).into_response(),
        "viewer.css" => file("text/css", include_str!("viewer.css")),
        "viewer.js" => file("text/javascript", include_str!("viewer.js")),
        "ui/swagger-ui.css" => packed("text/css", "swagger-ui.css"),
        "ui/swagger-ui-bundle.js" => packed("text/javascript", "swagger-ui-bundle.js"),
        // As JSON and not as a script, which other pages could include. It has the key.
        "settings.json" => (page_headers(), Json(settings(access))).into_response(),
        _ => match documents().into_iter().find(|(known, _)| known == name) {
            Some((_, text)) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

fn page_headers() -> [(HeaderName, &'static str); 4] {
    [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ]
}

/// What the page's script needs to know.
fn settings(access: Option<&Access>) -> Value {
    let none = BTreeMap::new();
    let known = curl::Known {
        gateway: access.map(|access| access.gateway.as_str()),
        key: access.map(|access| access.key.as_str()),
        values: access.map_or(&none, |access| &access.values),
    };
    let all = shared::api::openapi_documents();
    let lines: BTreeMap<_, _> =
        all.iter().map(|(name, document)| ((*name).to_owned(), curl::lines(document, &known))).collect();
    json!({
        "names": NAMES,
        "gateway": known.gateway,
        "key": known.key,
        "values": known.values,
        "curl": lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_knows_every_document_and_the_line_of_every_operation() {
        let settings = settings(None);
        let documents = shared::api::openapi_documents();
        assert_eq!(documents.len(), NAMES.len());
        for (name, document) in documents {
            assert!(NAMES.contains(&name), "{name}");
            for item in document["paths"].as_object().unwrap().values() {
                for operation in item.as_object().unwrap().values() {
                    let id = operation["operationId"].as_str().unwrap();
                    assert!(settings["curl"][name][id].is_string(), "{name} {id}");
                }
            }
        }
        assert_eq!((&settings["gateway"], &settings["key"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn the_page_and_its_files_name_no_other_host() {
        for text in [include_str!("page.html"), include_str!("viewer.css"), include_str!("viewer.js")] {
            assert!(!text.contains("://") && !text.contains("\"//") && !text.contains("url("), "{text}");
        }
        assert!(!POLICY.contains("http"), "only what this server gives is loaded, whatever Swagger UI asks for");
    }
}
