//! What OPTIONS answers. (DRF metadata.SimpleMetadata, without `actions`, which need a serializer's introspection.)

use serde_json::{Value, json};

/// The metadata of a view.
#[must_use]
pub fn metadata(name: &str) -> Value {
    json!({
        "name": name,
        "description": "",
        "renders": ["application/json"],
        "parses": ["application/json"],
    })
}
