//! Renders a document as OpenAPI 3.0.3, for generators that do not support a newer version.

use serde_json::{Map, Value, json};

use super::{merge::merged, parts::reference, walk};

/// Keywords that OpenAPI 3.0 does not have, or that its generators reject. Removing them loses nothing for a reader,
/// because descriptions say the same.
const UNKNOWN: [&str; 6] = ["propertyNames", "not", "if", "then", "else", walk::ALSO_ACCEPTS];
/// The media type of JSON.
const JSON: &str = "application/json";

/// The name of the component that describes every error.
const ANY_ERROR: &str = "AnyError";

/// Renders an OpenAPI 3.1 document as OpenAPI 3.0.3, for generators that do not support a newer version. All errors
/// share one schema, and each operation has one success, because some generators accept only one of each.
#[must_use]
pub fn rendered(document: &Value) -> Value {
    let mut document = document.clone();
    document["openapi"] = json!("3.0.3");
    // OpenAPI 3.0 has no field for an SPDX expression.
    document["info"]["license"] =
        json!({"name": document["info"]["license"]["name"], "url": "https://spdx.org/licenses/"});
    one_error(&mut document);
    one_success(&mut document);
    let before = document.clone();
    walk::each_schema(&mut document, &mut |schema| older(&before, schema));
    drop_unused(&mut document);
    document
}

fn older(document: &Value, schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else { return };
    for keyword in UNKNOWN {
        keywords.shift_remove(keyword);
    }
    if let Some(first) = keywords.shift_remove("examples").and_then(|examples| examples.get(0).cloned()) {
        keywords.insert("example".to_owned(), first);
    }
    let null_type = keywords.get_mut("type").and_then(Value::as_array_mut).is_some_and(|types| {
        let many = types.len();
        types.retain(|one| one != "null");
        types.len() < many
    });
    if let Some([only]) = keywords.get("type").and_then(Value::as_array).map(Vec::as_slice) {
        keywords["type"] = only.clone();
    }
    let null_choice = keywords.get_mut("anyOf").and_then(Value::as_array_mut).is_some_and(|choices| {
        let many = choices.len();
        choices.retain(|one| one["type"] != "null");
        choices.len() < many
    });
    // Inline the schema: keywords beside a reference are ignored, and `allOf` would not allow `null`.
    if null_choice && let Some([only]) = keywords["anyOf"].as_array().map(Vec::as_slice) {
        let mut only = resolved(document, only).clone();
        walk::each_inner_schema(&mut only, &mut |schema| older(document, schema));
        keywords.shift_remove("anyOf");
        keywords.extend(only.as_object().cloned().unwrap_or_default());
    }
    // OpenAPI 3.0 allows no keywords beside a reference, so the reference moves into an `allOf`.
    if keywords.len() > 1
        && let Some(target) = keywords.shift_remove("$ref")
    {
        keywords.insert("allOf".to_owned(), json!([{"$ref": target}]));
    }
    if null_type || null_choice {
        keywords.insert("nullable".to_owned(), json!(true));
    }
}

/// Replaces the schemas of all errors with one that has the members of all of them, under the media type of JSON.
fn one_error(document: &mut Value) {
    let (mut errors, before) = (Vec::new(), document.clone());
    each_error(document, &mut |reply| {
        let Some(content) = reply.get_mut("content").and_then(Value::as_object_mut) else { return };
        for media in content.values() {
            for one in alternatives(&before, &media["schema"]) {
                if !errors.contains(&one) {
                    errors.push(one);
                }
            }
        }
        // Generators of clients read a problem as JSON anyway, and some accept only one media type for all errors.
        if let Some(mut media) = std::mem::take(content).into_iter().next().map(|(_, media)| media) {
            media["schema"] = reference("schemas", ANY_ERROR);
            content.insert(JSON.to_owned(), media);
        }
    });
    let mut any = merged(&errors);
    any["description"] = json!("Any error. The OpenAPI 3.1 document says which statuses have which members.");
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.insert(ANY_ERROR.to_owned(), any);
        schemas.sort_keys();
    }
}

/// Keeps only the first success of each operation. Only requests in another form than the one that is promised have others.
fn one_success(document: &mut Value) {
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(replies) = operation["responses"].as_object_mut() {
            let first = replies.keys().find(|status| status.starts_with('2')).cloned();
            replies.retain(|status, _| !status.starts_with('2') || first.as_ref() == Some(status));
        }
    }
}

fn each_error(document: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    let shared = document["components"]["responses"].as_object_mut().into_iter().flat_map(Map::values_mut);
    shared.for_each(&mut *visit);
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = items.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let replies = operations.filter_map(|operation| operation["responses"].as_object_mut()).flatten();
    replies.filter(|(status, _)| !status.starts_with('2')).for_each(|(_, reply)| visit(reply));
}

/// Resolves a reference. Any other schema is returned as it is.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    schema["$ref"].as_str().and_then(|target| document.pointer(target.trim_start_matches('#'))).unwrap_or(schema)
}

/// Returns the object schemas that a schema allows: the choices of its `anyOf`, or the schema itself.
fn alternatives(document: &Value, schema: &Value) -> Vec<Value> {
    let schema = resolved(document, schema);
    match schema["anyOf"].as_array() {
        Some(choices) => choices.iter().flat_map(|choice| alternatives(document, choice)).collect(),
        None => vec![schema.clone()],
    }
}

/// Removes unused schemas until each one left is referenced.
fn drop_unused(document: &mut Value) {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let before = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if schemas.len() == before {
            return;
        }
    }
}
