//! Visiting the schemas of a document, wherever they stand.

use serde_json::Value;

/// Keywords whose value is a schema.
const SCHEMA: [&str; 7] = ["items", "additionalProperties", "propertyNames", "not", "if", "then", "else"];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", ALSO_ACCEPTS];
/// Keys of a document whose values are data, whatever they look like.
const DATA: [&str; 4] = ["example", "examples", "default", "value"];

/// The extension that lists what a request may hold besides what its schema promises. The documents promise what each API's own
/// documents do, because that makes kind clients; `tools/check_openapi.py` tests both.
pub(super) const ALSO_ACCEPTS: &str = "x-also-accepts";

/// Calls `visit` with each schema of the document, inner schemas before the one that holds them.
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

/// Calls `visit` with the schema and each one inside it, inner schemas first.
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
                value if SCHEMA.contains(&keyword.as_str()) => within(value, visit),
                _ => {}
            }
        }
    }
    visit(schema);
}
