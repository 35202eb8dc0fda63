//! Visits all schemas of a document.

use serde_json::Value;

/// Keywords whose value is a schema.
const SCHEMA: [&str; 7] = ["items", "additionalProperties", "propertyNames", "not", "if", "then", "else"];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", ALSO_ACCEPTS];
/// Keys of a document whose values are data, even if they look like schemas.
const DATA: [&str; 4] = ["example", "examples", "default", "value"];

/// The extension that lists what a request may contain in addition to what its schema promises. The schema promises
/// only what the API's own documents do, so that clients built from it follow those. `tools/check_openapi.py` tests
/// both.
pub(super) const ALSO_ACCEPTS: &str = "x-also-accepts";

/// Calls `visit` with each schema of the document. Inner schemas come before the schema that contains them.
pub(super) fn each_schema(document: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.values_mut().for_each(|schema| within(schema, visit));
    }
    outside(document, visit);
}

fn outside(node: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match node {
        Value::Object(members) => {
            for (name, member) in members.iter_mut().filter(|(name, _)| !DATA.contains(&name.as_str())) {
                match name.as_str() {
                    "schema" => within(member, visit),
                    "schemas" => {}
                    _ => outside(member, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| outside(item, visit)),
        _ => {}
    }
}

/// Calls `visit` with the schema and each schema inside it, inner ones first.
pub(super) fn each_inner_schema(schema: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    within(schema, visit);
}

fn within(schema: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    if let Some(keywords) = schema.as_object_mut() {
        for (keyword, value) in keywords {
            match value {
                Value::Object(members) if keyword == "properties" => {
                    members.values_mut().for_each(|member| within(member, visit));
                }
                Value::Array(schemas) if LISTS.contains(&keyword.as_str()) => {
                    schemas.iter_mut().for_each(|schema| within(schema, visit));
                }
                // It only closes an object: every version and every generator knows it.
                Value::Bool(false) if keyword == "additionalProperties" => {}
                value if SCHEMA.contains(&keyword.as_str()) => within(value, visit),
                _ => {}
            }
        }
    }
    visit(schema);
}
