//! A line for bash that calls an operation.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the lines are filled with.
pub(super) struct Known<'a> {
    /// Where the API is, if not where the document says.
    pub(super) gateway: Option<&'a str>,
    /// The key; a placeholder stands for it if absent.
    pub(super) key: Option<&'a str>,
    /// Values of path parameters, by name.
    pub(super) values: &'a BTreeMap<String, String>,
}

/// The line of each operation of a document, by operation id.
pub(super) fn lines(document: &Value, known: &Known<'_>) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(id) = operation["operationId"].as_str() {
                lines.insert(id.to_owned(), line(document, path, method, operation, known));
            }
        }
    }
    lines
}

fn line(document: &Value, path: &str, method: &str, operation: &Value, known: &Known<'_>) -> String {
    let gateway = known.gateway.or(document["servers"][0]["url"].as_str()).unwrap_or_default();
    let mut url = format!("{gateway}{path}");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        if let (Some("path"), Some(name)) = (parameter["in"].as_str(), parameter["name"].as_str()) {
            let value = known.values.get(name).cloned().unwrap_or_else(|| sample(document, &parameter["schema"]));
            url = url.replace(&format!("{{{name}}}"), &value);
        }
    }
    let mut line = "curl -sS -w '\\n'".to_owned();
    if method != "get" {
        line += &format!(" -X {}", method.to_uppercase());
    }
    line += &format!(" {} -H {}", quoted(&url), quoted(&authorization(document, known.key.unwrap_or("KEY"))));
    let body = &resolved(document, &operation["requestBody"])["content"]["application/json"]["example"];
    if !body.is_null() {
        line += &format!(" -H 'Content-Type: application/json' -d {}", quoted(&body.to_string()));
    }
    line
}

/// The header that shows the key, as the first scheme of the document has it.
fn authorization(document: &Value, key: &str) -> String {
    let first = document["security"][0].as_object().and_then(|schemes| schemes.keys().next().cloned());
    let scheme = &document["components"]["securitySchemes"][first.unwrap_or_default()];
    match scheme["type"].as_str() {
        Some("apiKey") => format!("Authorization: Token {key}"),
        _ => format!("Authorization: Bearer {key}"),
    }
}

/// A value of the schema: one of its examples, or one of its type.
fn sample(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    match (&schema["examples"][0], schema["type"].as_str(), schema["format"].as_str()) {
        (Value::String(text), ..) => text.clone(),
        (Value::Number(number), ..) => number.to_string(),
        (_, Some("integer"), _) => "1".to_owned(),
        (_, _, Some("uuid")) => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => "x".to_owned(),
    }
}

/// What a reference leads to; anything else is itself.
fn resolved<'a>(document: &'a Value, thing: &'a Value) -> &'a Value {
    let at = thing["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    at.and_then(|pointer| document.pointer(pointer)).unwrap_or(thing)
}

/// A word for bash.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_line_that_bash_reads_as_one_call() {
        let values = BTreeMap::from([("organizationId".to_owned(), "aaaaaaaaaaaaaaaaaaaaaaaa".to_owned())]);
        let known = Known { gateway: Some("http://127.0.0.1:3000"), key: Some("it's"), values: &values };
        let mut all = Vec::new();
        for (name, document) in shared::api::openapi_documents() {
            let lines = lines(&document, &known);
            let operations = document["paths"].as_object().unwrap().values();
            assert_eq!(lines.len(), operations.map(|item| item.as_object().unwrap().len()).sum::<usize>(), "{name}");
            for (id, line) in lines {
                assert!(!line.contains(['\n', '{']) || line.contains(" -d '{"), "{id}: {line}");
                let url = line.split(" -H ").next().unwrap();
                assert!(url.contains("'http://127.0.0.1:3000/") && !url.contains('{'), "{id}: {line}");
                assert!(line.contains(r"it'\''s"), "{id}: {line}");
                all.push(format!("{name} {id}: {line}"));
            }
        }
        insta::assert_snapshot!(all.join("\n"));
    }
}
