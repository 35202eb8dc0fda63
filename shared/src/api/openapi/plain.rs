//! Rewrites schemas in forms that client generators understand.

use serde_json::{Value, json};

use super::walk;

/// Rewrites each schema of the document without changing its meaning: `true` becomes `{}`, `const` becomes `enum`, a
/// choice between constants becomes one `enum`, and an object schema without properties explicitly allows any members.
pub(super) fn simplify(document: &mut Value) {
    walk::each_schema(document, &mut |schema| {
        if *schema == Value::Bool(true) {
            *schema = json!({});
        }
        constant(schema);
        choice(schema);
        bare_object(schema);
    });
}

fn constant(schema: &mut Value) {
    if let Some(constant) = schema.as_object_mut().and_then(|schema| schema.shift_remove("const")) {
        schema["enum"] = json!([constant]);
    }
}

/// Turns a `oneOf` of words into one `enum`. The description lists what each word means.
fn choice(schema: &mut Value) {
    let Some(words) = schema["oneOf"].as_array() else { return };
    let mut description = schema["description"].as_str().unwrap_or_default().to_owned();
    let mut values = Vec::new();
    for word in words {
        let Some(those) = word["enum"].as_array() else { return };
        values.extend(those.iter().cloned());
        if let (Some(meaning), [Value::String(value)]) = (word["description"].as_str(), those.as_slice()) {
            description.push_str(&format!("\n- `{value}`: {meaning}"));
        }
    }
    *schema = json!({"type": "string", "enum": values, "description": description.trim_start()});
}

fn bare_object(schema: &mut Value) {
    let holds = |keyword| schema.get(keyword).is_some();
    if schema["type"] == "object" && !holds("properties") && !holds("additionalProperties") {
        schema["additionalProperties"] = json!({});
    }
}
