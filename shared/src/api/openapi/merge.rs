//! Merges several object schemas into one.

use serde_json::{Map, Value, json};

/// Returns an object schema with the members of all the given schemas. A member is required only if each of them
/// requires it. The result may promise less than the schemas: a member that they define differently, apart from its
/// description, may have any value.
pub(super) fn merged(schemas: &[Value]) -> Value {
    let mut properties = Map::new();
    for (name, member) in schemas.iter().filter_map(|schema| schema["properties"].as_object()).flatten() {
        let known = properties.entry(name).or_insert_with(|| member.clone());
        if undescribed(known) != undescribed(member) {
            *known = json!({});
        }
    }
    let requires =
        |schema: &Value, name: &String| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
    let required: Vec<_> =
        properties.keys().filter(|name| schemas.iter().all(|schema| requires(schema, name))).cloned().collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if schemas.iter().any(|schema| schema.get("additionalProperties").is_some()) {
        schema["additionalProperties"] = json!({});
    }
    schema
}

fn undescribed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.shift_remove("description");
    }
    schema
}
