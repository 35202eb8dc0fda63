//! Each kind of change, made to a small document: those that break clients are found, and no others.

use serde_json::{Value, json};

use super::breaking::breaks;

const SENT: &str = "/components/schemas/New";
const GOT: &str = "/components/schemas/Thing";

fn document() -> Value {
    let reply = json!({
        "description": "It.", "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
    });
    let make = json!({
        "operationId": "makeThing",
        "parameters": [
            {"name": "size", "in": "query", "schema": {"type": "integer", "maximum": 100}},
            {"$ref": "#/components/parameters/key"},
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
        "responses": {"201": {"$ref": "#/components/responses/Made"}, "400": {"description": "Bad."}},
    });
    let state = json!({"type": "string", "enum": ["on", "off"]});
    json!({
        "paths": {"/things": {"post": make, "get": {"operationId": "listThings", "responses": {"204": {}}}}},
        "components": {
            "securitySchemes": {"bearer": {}, "token": {}},
            "parameters": {"key": {"name": "key", "in": "header", "schema": {"type": "string"}}},
            "responses": {"Made": reply},
            "schemas": {
                "New": {
                    "type": "object", "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 9}, "state": state,
                        "tags": {"type": "array", "items": {"type": "string"}}, "size": {"type": ["integer", "null"]},
                    },
                },
                "Thing": {
                    "type": "object", "required": ["name", "state"],
                    "properties": {
                        "name": {"type": "string"}, "state": state, "at": {"type": "string", "format": "date-time"},
                        "inner": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
                    },
                },
                "Inner": {"type": "object", "properties": {"data": {}}},
            },
        },
    })
}

/// What breaks when the value at `place` becomes `value`, or goes where that is `null`.
fn after(place: &str, value: Value) -> Vec<String> {
    let mut new = document();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = new.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}"));
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent if value.is_null() => _ = parent.as_object_mut().unwrap().shift_remove(name).unwrap(),
        parent => parent[name] = value,
    }
    breaks(&document(), &new).into_iter().collect()
}

#[test]
fn each_kind_of_change_that_breaks_clients_is_found() {
    let text = || json!({"type": "string"});
    let making = "/paths/~1things/post";
    let reply = "/components/responses/Made";
    for (place, value, expected) in [
        ("/paths/~1things/get".to_owned(), Value::Null, "listThings: GET /things removed"),
        (format!("{making}/operationId"), json!("createThing"), "makeThing: renamed createThing"),
        (
            format!("{making}/parameters/0"),
            json!({"$ref": "#/components/parameters/key"}),
            "makeThing: parameter query size removed",
        ),
        (format!("{making}/parameters/0/required"), json!(true), "makeThing: parameter query size newly required"),
        (
            format!("{making}/parameters/0/schema"),
            text(),
            "makeThing: parameter query size type changed: integer no longer accepted",
        ),
        (
            format!("{making}/parameters/0/schema/maximum"),
            json!(50),
            "makeThing: parameter query size maximum narrowed",
        ),
        (format!("{making}/requestBody/required"), json!(true), "makeThing: request body newly required"),
        (format!("{making}/requestBody"), Value::Null, "makeThing: request body removed"),
        (format!("{making}/responses/201"), Value::Null, "makeThing: reply 201 removed"),
        (format!("{reply}/headers"), Value::Null, "makeThing: reply 201 header Retry-After removed"),
        (format!("{reply}/content"), Value::Null, "makeThing: reply 201 body removed"),
        (format!("{SENT}/required"), json!(["name", "state"]), "makeThing: request.state newly required"),
        (format!("{SENT}/properties/state"), Value::Null, "makeThing: request.state removed"),
        (
            format!("{SENT}/properties/name/type"),
            json!("integer"),
            "makeThing: request.name type changed: string no longer accepted",
        ),
        (format!("{SENT}/properties/name/maxLength"), json!(8), "makeThing: request.name maxLength narrowed"),
        (format!("{SENT}/properties/name/pattern"), json!("^a"), "makeThing: request.name pattern changed"),
        (
            format!("{SENT}/properties/size/type"),
            json!("integer"),
            "makeThing: request.size type changed: null no longer accepted",
        ),
        (format!("{SENT}/properties/state/enum"), json!(["on"]), "makeThing: request.state \"off\" no longer accepted"),
        (format!("{SENT}/properties/name/enum"), json!(["a"]), "makeThing: request.name restricted to an enum"),
        (
            format!("{SENT}/properties/tags/items/type"),
            json!("integer"),
            "makeThing: request.tags[] type changed: string no longer accepted",
        ),
        (format!("{GOT}/properties/name"), Value::Null, "makeThing: reply 201.name removed"),
        (format!("{GOT}/required"), json!(["name"]), "makeThing: reply 201.state no longer always there"),
        (
            format!("{GOT}/properties/name/type"),
            json!(["string", "null"]),
            "makeThing: reply 201.name type changed: null newly possible",
        ),
        (
            format!("{GOT}/properties/name"),
            json!({}),
            "makeThing: reply 201.name type changed: anything newly possible",
        ),
        (
            format!("{GOT}/properties/state/enum"),
            json!(["on", "off", "idle"]),
            "makeThing: reply 201.state \"idle\" newly possible",
        ),
        (format!("{GOT}/properties/state"), text(), "makeThing: reply 201.state no longer restricted to an enum"),
        (format!("{GOT}/properties/at"), text(), "makeThing: reply 201.at format changed"),
        (
            "/components/schemas/Inner/properties/data".to_owned(),
            Value::Null,
            "makeThing: reply 201.inner.data removed",
        ),
        ("/components/securitySchemes/token".to_owned(), Value::Null, "security scheme token removed"),
    ] {
        assert_eq!(after(&place, value.clone()), [expected], "{place} became {value}");
    }
}

#[test]
fn what_only_adds_or_allows_more_breaks_nothing() {
    let text = || json!({"type": "string"});
    let making = "/paths/~1things/post";
    for (place, value) in [
        ("/paths/~1others".to_owned(), json!({"get": {"operationId": "listOthers", "responses": {}}})),
        (format!("{making}/parameters/0/schema/maximum"), json!(200)),
        (format!("{making}/parameters/0/schema"), json!({"type": "number"})),
        (format!("{making}/responses/400"), Value::Null),
        (format!("{making}/responses/404"), json!({"description": "Not found."})),
        (format!("{making}/description"), json!("Makes one.")),
        (format!("{SENT}/properties/more"), text()),
        (format!("{SENT}/required"), json!([])),
        (format!("{SENT}/properties/name/maxLength"), json!(10)),
        (format!("{SENT}/properties/name"), json!({"type": "integer", "x-also-accepts": [text()]})),
        (format!("{SENT}/properties/state/enum"), json!(["on", "off", "idle"])),
        (
            format!("{SENT}/properties/state"),
            json!({"oneOf": [{"type": "string", "const": "on"}, {"type": "string", "const": "off"}]}),
        ),
        (format!("{GOT}/properties/more"), text()),
        (format!("{GOT}/required"), json!(["name", "state", "at"])),
        (format!("{GOT}/properties/state/enum"), json!(["on"])),
        (format!("{GOT}/properties/inner"), json!({"$ref": "#/components/schemas/Inner"})),
        ("/components/schemas/Inner/properties/data".to_owned(), text()),
    ] {
        assert_eq!(after(&place, value.clone()), [""; 0], "{place} became {value}");
    }
}
