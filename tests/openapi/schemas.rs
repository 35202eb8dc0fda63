//! The schemas of a document: where its examples are, and whether they are valid. It knows the keywords that the documents use, and
//! fails at any other.

use regex::Regex;
use serde_json::Value;

/// What a reference leads to; anything else as it is.
pub(super) fn resolved<'d>(document: &'d Value, thing: &'d Value) -> &'d Value {
    match thing["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap_or_else(|| panic!("no {target}")),
        None => thing,
    }
}

/// Calls `visit` with each example of the document, its place, and the schema for which it must be valid.
pub(super) fn each_example<'d>(document: &'d Value, visit: &mut dyn FnMut(&str, &'d Value, &'d Value)) {
    look("", document, visit);
}

fn look<'d>(place: &str, node: &'d Value, visit: &mut dyn FnMut(&str, &'d Value, &'d Value)) {
    match node {
        Value::Object(members) => {
            let schema = members.get("schema").unwrap_or(node);
            match members.get("examples") {
                Some(Value::Array(examples)) => examples.iter().for_each(|example| visit(place, example, schema)),
                Some(Value::Object(named)) => named.values().for_each(|named| visit(place, &named["value"], schema)),
                _ => {}
            }
            members.get("example").into_iter().for_each(|example| visit(place, example, schema));
            for (name, member) in members.iter().filter(|(name, _)| !["example", "examples"].contains(&name.as_str())) {
                look(&format!("{place}/{name}"), member, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(place, item, visit)),
        _ => {}
    }
}

/// What is wrong with the value; nothing if it is valid.
pub(super) fn violations(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let valid = |schema: &Value| violations(document, schema, value).is_empty();
    let mut wrong = Vec::new();
    for (keyword, said) in schema.as_object().unwrap() {
        let list = || said.as_array().unwrap().iter();
        let held = match keyword.as_str() {
            "$ref" => valid(resolved(document, schema)),
            "type" => has_type(said, value) || (schema["nullable"] == true && value.is_null()),
            "enum" => list().any(|one| one == value),
            "anyOf" => list().any(valid),
            "oneOf" => list().filter(|one| valid(one)).count() == 1,
            "allOf" => list().all(valid) || (schema["nullable"] == true && value.is_null()),
            "not" => !valid(said),
            "if" => !valid(said) || valid(&schema["then"]),
            "required" => {
                value.as_object().is_none_or(|members| list().all(|n| members.contains_key(n.as_str().unwrap())))
            }
            "properties" | "additionalProperties" | "propertyNames" | "items" => {
                wrong.extend(inner(document, keyword, schema, value));
                true
            }
            "pattern" => value.as_str().is_none_or(|text| Regex::new(said.as_str().unwrap()).unwrap().is_match(text)),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= said.as_u64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= said.as_u64().unwrap()),
            "minimum" => value.as_f64().is_none_or(|number| number >= said.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= said.as_f64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= said.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= said.as_u64().unwrap()),
            "maxProperties" => value.as_object().is_none_or(|members| members.len() as u64 <= said.as_u64().unwrap()),
            "then" | "nullable" | "format" | "default" | "description" | "title" | "example" | "examples" => true,
            "x-also-accepts" => true,
            other => panic!("the keyword {other} is not known here"),
        };
        if !held {
            wrong.push(format!("{value} is not {keyword} {said}"));
        }
    }
    wrong
}

fn inner(document: &Value, keyword: &str, schema: &Value, value: &Value) -> Vec<String> {
    let said = &schema[keyword];
    let described = |name: &str| schema["properties"].get(name);
    match (keyword, value) {
        ("items", Value::Array(items)) => items.iter().flat_map(|item| violations(document, said, item)).collect(),
        ("properties", Value::Object(members)) => {
            let members = members.iter().filter_map(|(name, member)| Some((described(name)?, member)));
            members.flat_map(|(schema, member)| violations(document, schema, member)).collect()
        }
        ("additionalProperties", Value::Object(members)) => {
            let others = members.iter().filter(|(name, _)| described(name).is_none());
            others.flat_map(|(_, member)| violations(document, said, member)).collect()
        }
        ("propertyNames", Value::Object(members)) => {
            let names = members.keys().map(|name| Value::from(name.as_str()));
            names.flat_map(|name| violations(document, said, &name)).collect()
        }
        _ => Vec::new(),
    }
}

fn has_type(said: &Value, value: &Value) -> bool {
    let names = said.as_array().map_or_else(|| std::slice::from_ref(said), Vec::as_slice);
    names.iter().any(|name| match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    })
}
