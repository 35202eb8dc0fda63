//! The reply to OPTIONS. (DRF metadata.SimpleMetadata, without `actions`, which need a serializer's introspection.)

use serde_json::{Value, json};

/// Returns the metadata of the view with this name.
#[must_use]
pub fn metadata(name: &str) -> Value {
    json!({
        "name": name,
        "description": "",
        "renders": ["application/json"],
        "parses": ["application/json"],
    })
}
