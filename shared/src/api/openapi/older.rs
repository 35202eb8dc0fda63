//! A document as OpenAPI 3.0.3, for generators that read nothing newer.

use serde_json::{Map, Value, json};

use super::{merge::merged, parts::reference, walk};

/// Keywords that OpenAPI 3.0 does not have, or that its generators refuse. Nothing is lost for a reader: descriptions say the same.
const UNKNOWN: [&str; 6] = ["propertyNames", "not", "if", "then", "else", walk::ALSO_ACCEPTS];
/// The component that describes each error.
const ANY_ERROR: &str = "AnyError";

/// The document rendered as OpenAPI 3.0.3, for generators that read nothing newer. All its errors have one schema, because some
/// generators take only one for each operation.
#[must_use]
pub fn rendered(document: &Value) -> Value {
    let mut document = document.clone();
    document["openapi"] = json!("3.0.3");
    // 3.0 knows no SPDX expression.
    document["info"]["license"] =
        json!({"name": document["info"]["license"]["name"], "url": "https://spdx.org/licenses/"});
    one_error(&mut document);
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
    // Written out, because what stands beside a reference does not count, and `allOf` would not allow `null`.
    if null_choice && let Some([only]) = keywords["anyOf"].as_array().map(Vec::as_slice) {
        let mut only = resolved(document, only).clone();
        walk::each_inner_schema(&mut only, &mut |schema| older(document, schema));
        keywords.shift_remove("anyOf");
        keywords.extend(only.as_object().cloned().unwrap_or_default());
    }
    // A reference has no neighbours in 3.0, so that what stands beside it needs `allOf`.
    if keywords.len() > 1
        && let Some(target) = keywords.shift_remove("$ref")
    {
        keywords.insert("allOf".to_owned(), json!([{"$ref": target}]));
    }
    if null_type || null_choice {
        keywords.insert("nullable".to_owned(), json!(true));
    }
}

/// Gives all errors one schema, which has the members of all.
fn one_error(document: &mut Value) {
    let (mut errors, before) = (Vec::new(), document.clone());
    each_error(document, &mut |schema| {
        for one in alternatives(&before, schema) {
            if !errors.contains(&one) {
                errors.push(one);
            }
        }
        *schema = reference("schemas", ANY_ERROR);
    });
    let mut any = merged(&errors);
    any["description"] = json!("Any error. The OpenAPI 3.1 document says which statuses have which members.");
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.insert(ANY_ERROR.to_owned(), any);
        schemas.sort_keys();
    }
}

fn each_error(document: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    let shared = document["components"]["responses"].as_object_mut().into_iter().flat_map(Map::values_mut);
    shared.filter_map(|reply| reply.pointer_mut("/content/application~1json/schema")).for_each(&mut *visit);
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = items.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let replies = operations.filter_map(|operation| operation["responses"].as_object_mut()).flatten();
    let failed = replies.filter(|(status, _)| !status.starts_with('2')).map(|(_, reply)| reply);
    failed.filter_map(|reply| reply.pointer_mut("/content/application~1json/schema")).for_each(visit);
}

/// What a reference leads to; anything else as it is.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    schema["$ref"].as_str().and_then(|target| document.pointer(target.trim_start_matches('#'))).unwrap_or(schema)
}

/// The object schemas between which a schema leaves the choice.
fn alternatives(document: &Value, schema: &Value) -> Vec<Value> {
    let schema = resolved(document, schema);
    match schema["anyOf"].as_array() {
        Some(choices) => choices.iter().flat_map(|choice| alternatives(document, choice)).collect(),
        None => vec![schema.clone()],
    }
}

/// Drops the schemas to which nothing refers any more, until each has a use.
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
