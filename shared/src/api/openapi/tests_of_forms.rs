//! Checks the forms of the documents: what people read, and what client generators understand.

use serde_json::{Value, json};

use super::{merge::merged, older, plain, rendered_as_3_0, walk};
use crate::api::openapi_documents as documents;

/// The schema as a document would contain it after `change` has modified that document.
fn changed(schema: Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut document = json!({"components": {"schemas": {"It": schema}}});
    change(&mut document);
    document["components"]["schemas"]["It"].take()
}

fn all_schemas(document: &Value) -> Vec<Value> {
    let mut schemas = Vec::new();
    walk::each_schema(&mut document.clone(), &mut |schema| schemas.push(schema.clone()));
    schemas
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
}

#[test]
fn everything_that_people_choose_from_is_described() {
    let said = |thing: &Value, member: &str| thing[member].as_str().is_some_and(|text| !text.is_empty());
    for (name, document) in documents() {
        assert!(document["info"]["contact"].is_object() && document["info"]["license"].is_object(), "{name}");
        let tags = document["tags"].as_array().unwrap();
        assert!(tags.iter().all(|tag| said(tag, "description")), "{name}");
        for operation in operations(&document) {
            let id = &operation["operationId"];
            assert!(said(operation, "summary") && said(operation, "description"), "{name} {id}");
            let tag = &operation["tags"].as_array().unwrap()[..];
            assert!(tag.len() == 1 && tags.iter().any(|known| known["name"] == tag[0]), "{name} {id}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["$ref"].is_string() || said(parameter, "description"), "{name} {id} {parameter}");
            }
        }
        for parameter in document["components"]["parameters"].as_object().unwrap().values() {
            assert!(said(parameter, "description"), "{name} {parameter}");
        }
    }
}

#[test]
fn operations_show_an_example_of_each_body() {
    for (name, document) in documents() {
        for operation in operations(&document) {
            let replies =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            for body in replies.map(|(_, reply)| reply).chain([&operation["requestBody"]]) {
                if let Some(content) = body.pointer("/content/application~1json") {
                    assert!(content.get("example").is_some(), "{name} {}", operation["operationId"]);
                }
            }
        }
    }
}

#[test]
fn schemas_have_the_forms_that_generators_understand() {
    for (name, document) in documents() {
        for schema in all_schemas(&document) {
            let members = schema.as_object().unwrap_or_else(|| panic!("{name}: {schema} is no object"));
            let has = |keyword| members.contains_key(keyword);
            assert!(!has("const"), "{name}: {schema}");
            assert!(!(has("anyOf") && has("properties")), "{name}: {schema} is an object and a choice");
            assert!(schema["type"] != "object" || has("properties") || has("additionalProperties"), "{name}: {schema}");
            let words = |one: &Value| one["type"] == "string" && one["enum"].is_array();
            assert!(!schema["oneOf"].as_array().is_some_and(|all| all.iter().all(words)), "{name}: {schema}");
        }
    }
}

#[test]
fn the_3_0_rendering_has_nothing_that_only_3_1_knows() {
    for (name, document) in documents() {
        let older = rendered_as_3_0(&document);
        assert_eq!(older["openapi"], "3.0.3");
        assert_eq!(older["info"]["license"]["identifier"], Value::Null);
        for schema in all_schemas(&older) {
            let members = schema.as_object().unwrap();
            for keyword in ["examples", "const", "propertyNames", "if", "then", "not", walk::ALSO_ACCEPTS] {
                assert!(!members.contains_key(keyword), "{name}: {schema}");
            }
            assert!(
                schema["type"].is_null() || schema["type"].is_string() && schema["type"] != "null",
                "{name}: {schema}"
            );
            assert!(!members.contains_key("$ref") || members.len() == 1, "{name}: {schema}");
        }
        let ids = |document| operations(document).map(|operation| operation["operationId"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&older), ids(&document));
    }
}

#[test]
fn schemas_are_simplified() {
    for (schema, expected) in [
        (json!(true), json!({})),
        (json!({"type": "string", "const": "a"}), json!({"type": "string", "enum": ["a"]})),
        (json!({"type": "object"}), json!({"type": "object", "additionalProperties": {}})),
        (json!({"type": "object", "properties": {"a": true}}), json!({"type": "object", "properties": {"a": {}}})),
        (
            json!({"description": "How.", "oneOf": [
                {"type": "string", "const": "a", "description": "So."}, {"type": "string", "enum": ["b", "c"]},
            ]}),
            json!({"type": "string", "enum": ["a", "b", "c"], "description": "How.\n- `a`: So."}),
        ),
        (json!({"oneOf": [{"type": "array", "items": true}]}), json!({"oneOf": [{"type": "array", "items": {}}]})),
    ] {
        assert_eq!(changed(schema, plain::simplify), expected);
    }
}

#[test]
fn schemas_are_rendered_as_3_0() {
    let one = || json!({"$ref": "#/components/schemas/One"});
    let rendered = |schema| {
        changed(json!({"type": "object", "properties": {"it": schema}}), |document| {
            document["components"]["schemas"]["One"] = json!({"type": "string"});
            document["paths"] =
                json!({"/": {"get": {"responses": {"200": {"schema": {"$ref": "#/components/schemas/It"}}}}}});
            document["paths"]["/"]["get"]["responses"]["201"] = json!({"schema": one()});
            *document = older::rendered(document);
        })
    };
    for (schema, expected) in [
        (json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true})),
        (json!({"anyOf": [one(), {"type": "null"}]}), json!({"type": "string", "nullable": true})),
        (
            json!({"$ref": "#/components/schemas/One", "description": "It."}),
            json!({"description": "It.", "allOf": [one()]}),
        ),
        (json!({"type": "string", "examples": ["a", "b"]}), json!({"type": "string", "example": "a"})),
        (json!({"type": "boolean", "x-also-accepts": [{"type": "string"}]}), json!({"type": "boolean"})),
        (json!({"anyOf": [one(), {"type": "integer"}]}), json!({"anyOf": [one(), {"type": "integer"}]})),
    ] {
        assert_eq!(rendered(schema)["properties"]["it"], expected);
    }
}

#[test]
fn merged_objects_promise_what_all_of_them_do() {
    let text = json!({"type": "string", "description": "One."});
    let first = json!({"type": "object", "properties": {"a": text, "b": text, "c": text}, "required": ["a", "b"]});
    let second =
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]});
    let both = json!({"type": "object", "properties": {"a": text, "b": {}, "c": text}, "required": ["a"]});
    assert_eq!(merged(&[first, second]), both);
}
