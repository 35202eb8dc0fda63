//! Builds the description of one operation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Document,
    merge::merged,
    parts::{named, reference},
    schemas::also,
};
use crate::{api::common::json_body, http::Reply};

/// The statuses that API Gateway itself may reply with: the request is too large (413), throttling (429), the function
/// failed (502) or timed out (504).
const OF_THE_GATEWAY: [u16; 4] = [413, 429, 502, 504];

/// The media type of replies, and of errors in most APIs.
const JSON: &str = "application/json";

/// An operation of a document, under construction.
pub(in crate::api) struct Operation<'d> {
    document: &'d mut Document,
    id: String,
    summary: String,
    description: Option<String>,
    parameters: Vec<Value>,
    body: Option<Value>,
    replies: BTreeMap<u16, Value>,
    links: Map<String, Value>,
    failures: Vec<(String, Reply)>,
}

impl Document {
    /// Adds an operation. `describe` fills in its details.
    pub(in crate::api) fn operation(
        &mut self,
        method: &str,
        path: &str,
        id: &str,
        summary: &str,
        describe: impl FnOnce(&mut Operation<'_>),
    ) {
        let mut operation = Operation::new(self, path, id, summary);
        describe(&mut operation);
        let done = operation.finish();
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item[method.to_ascii_lowercase()] = done;
    }
}

impl<'d> Operation<'d> {
    pub(super) fn new(document: &'d mut Document, path: &str, id: &str, summary: &str) -> Self {
        let segments = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters = segments.map(|name| reference("parameters", name)).collect();
        let failures = document.common.clone();
        let (id, summary) = (id.to_owned(), summary.to_owned());
        Self {
            document,
            id,
            summary,
            description: None,
            parameters,
            body: None,
            replies: BTreeMap::new(),
            links: Map::new(),
            failures,
        }
    }

    /// Sets the description.
    pub(in crate::api) fn describe(&mut self, text: &str) {
        self.description = Some(text.to_owned());
    }

    /// Adds an optional query parameter.
    pub(in crate::api) fn query(&mut self, name: &str, description: &str, schema: Value) {
        self.parameters.push(json!({"name": name, "in": "query", "description": description, "schema": schema}));
    }

    /// Adds an optional request header.
    pub(in crate::api) fn header(&mut self, name: &str, description: &str, schema: Value) {
        self.parameters.push(json!({"name": name, "in": "header", "description": description, "schema": schema}));
    }

    /// Sets the schema of the JSON body and adds it as the component `name`. The body is optional if the schema has no
    /// required members. Also adds the failures of operations with a body.
    pub(in crate::api) fn body(&mut self, name: &str, schema: Value) {
        let required = schema.get("required").is_some();
        let schema = self.document.taken(name, schema);
        let description = format!("At most {} KB.", json_body::MOST / 1024);
        let mut content = json!({"schema": schema});
        self.add_example(&mut content, "request");
        self.body = Some(json!({
            "required": required, "description": description, "content": {"application/json": content},
        }));
        self.failures.extend(self.document.of_bodies.clone());
    }

    /// Sets the reply to a successful request.
    pub(in crate::api) fn reply<T: JsonSchema>(&mut self, status: u16, description: &str) {
        let schema = self.document.answered::<T>();
        self.reply_of(status, description, &schema);
    }

    /// Sets the reply to a successful request, whose body is of the type `Other` if the request was in a form that is not
    /// promised.
    pub(in crate::api) fn reply_also<T: JsonSchema, Other: JsonSchema>(&mut self, status: u16, description: &str) {
        let other = self.document.answered::<Other>();
        let schema = also(self.document.answered::<T>(), [other]);
        self.reply_of(status, description, &schema);
    }

    /// Sets another reply to a successful request, with an example of its body.
    pub(in crate::api) fn other_reply<T: JsonSchema + Serialize>(
        &mut self,
        status: u16,
        description: &str,
        example: &T,
    ) {
        let schema = self.document.answered::<T>();
        let content = json!({"schema": schema, "example": json!(example)});
        let mut reply = json!({"description": description, "content": {"application/json": content}});
        self.add_headers(&mut reply, &[]);
        self.replies.insert(status, reply);
    }

    /// Sets a successful reply whose body has either of two types. Members that only one of them has are optional. The
    /// merged schema becomes the component `name`.
    pub(in crate::api) fn reply_either<A: JsonSchema, B: JsonSchema>(
        &mut self,
        status: u16,
        name: &str,
        description: &str,
    ) {
        let generator = &mut self.document.generator;
        let schemas = [A::json_schema(generator), B::json_schema(generator)].map(|schema| schema.to_value());
        let mut schema = merged(&schemas);
        schema["description"] = json!(description);
        let schema = self.document.taken(name, schema);
        self.reply_of(status, description, &schema);
    }

    fn reply_of(&mut self, status: u16, description: &str, schema: &Value) {
        let mut content = json!({"schema": schema});
        self.add_example(&mut content, "reply");
        let mut reply = json!({"description": description, "content": {"application/json": content}});
        self.add_headers(&mut reply, &[]);
        self.replies.insert(status, reply);
    }

    fn add_example(&self, content: &mut Value, of: &str) {
        if let Some(example) = self.document.examples.get(&self.id).and_then(|recorded| recorded.get(of)) {
            content["example"] = example.clone();
        }
    }

    /// Sets a 204 as the successful reply.
    pub(in crate::api) fn no_content(&mut self, description: &str) {
        let mut reply = json!({"description": description});
        self.add_headers(&mut reply, &[]);
        self.replies.insert(204, reply);
    }

    /// Links the reply to operations that use it: their path parameter `name` is at `pointer` in the reply's body.
    pub(in crate::api) fn leads_to<const N: usize>(&mut self, name: &str, pointer: &str, operations: [&str; N]) {
        for id in operations {
            let parameters = json!({name: format!("$response.body#{pointer}")});
            self.links.insert(id.to_owned(), json!({"operationId": id, "parameters": parameters}));
        }
    }

    /// Adds failures of this operation, in addition to those of every operation.
    pub(in crate::api) fn fails<F: std::fmt::Debug + Into<Reply>>(&mut self, failures: impl IntoIterator<Item = F>) {
        self.failures.extend(failures.into_iter().map(named));
    }

    pub(super) fn finish(mut self) -> Value {
        for reply in self.replies.values_mut().filter(|_| !self.links.is_empty()) {
            reply["links"] = Value::Object(self.links.clone());
        }
        let mut by_status: BTreeMap<u16, Vec<(String, Reply)>> = BTreeMap::new();
        for status in OF_THE_GATEWAY {
            if status != 413 || self.body.is_some() {
                by_status.insert(status, Vec::new());
            }
        }
        for failure in std::mem::take(&mut self.failures) {
            by_status.entry(failure.1.status).or_default().push(failure);
        }
        for (status, failures) in by_status {
            let reply = self.failed(status, &failures);
            self.replies.insert(status, reply);
        }
        let replies: Map<_, _> = self.replies.into_iter().map(|(status, reply)| (status.to_string(), reply)).collect();
        let mut operation = json!({"operationId": self.id, "tags": [self.document.tag()], "summary": self.summary});
        for (name, value) in [
            ("description", self.description.map(Value::from)),
            ("parameters", Some(json!(self.parameters)).filter(|_| !self.parameters.is_empty())),
            ("requestBody", self.body),
        ] {
            if let Some(value) = value {
                operation[name] = value;
            }
        }
        operation["responses"] = Value::Object(replies);
        operation
    }

    /// Describes the reply with that status. Each failure is an example.
    fn failed(&mut self, status: u16, failures: &[(String, Reply)]) -> Value {
        let ours = (!failures.is_empty()).then(|| (self.document.error)(&mut self.document.generator, status));
        let gateways = OF_THE_GATEWAY.contains(&status).then(|| reference("schemas", "GatewayAnswer"));
        let media_type = self.document.failure_type;
        let mut content = Map::new();
        match (ours, gateways) {
            (Some(ours), Some(gateways)) if media_type == JSON => {
                content.insert(JSON.to_owned(), json!({"schema": {"anyOf": [ours, gateways]}}));
            }
            (ours, gateways) => {
                for (media_type, schema) in [(media_type, ours), (JSON, gateways)] {
                    if let Some(schema) = schema {
                        content.insert(media_type.to_owned(), json!({"schema": schema}));
                    }
                }
            }
        }
        let mut examples = Map::new();
        for (name, reply) in failures {
            let body = reply.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
            let again =
                examples.keys().filter(|known| known.trim_end_matches(|c: char| c.is_ascii_digit()) == name).count();
            let name = if again == 0 { name.clone() } else { format!("{name}{}", again + 1) };
            examples.insert(name, json!({"value": body.unwrap_or(Value::Null)}));
        }
        if !examples.is_empty() {
            content[media_type]["examples"] = Value::Object(examples);
        }
        let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let mut reply = json!({"description": reason.unwrap_or("Failed"), "content": content});
        let mut headers: Vec<_> =
            failures.iter().flat_map(|(_, reply)| &reply.headers).map(|(name, _)| *name).collect();
        headers.retain(|name| *name != "Content-Type");
        headers.dedup();
        self.add_headers(&mut reply, &headers);
        reply
    }

    fn add_headers(&self, reply: &mut Value, names: &[&str]) {
        let mut headers = Map::new();
        for name in names {
            let (name, description, kind) = match *name {
                "Retry-After" => ("Retry-After", "After how many seconds to try again.", "integer"),
                // API Gateway's REST APIs rename this header.
                "WWW-Authenticate" => ("x-amzn-Remapped-WWW-Authenticate", "How to show a key.", "string"),
                other => (other, "", "string"),
            };
            headers.insert(name.to_owned(), json!({"description": description, "schema": {"type": kind}}));
        }
        if let Some((name, description)) = self.document.header {
            headers.insert(name.to_owned(), json!({"description": description, "schema": {"type": "string"}}));
        }
        if !headers.is_empty() {
            reply["headers"] = Value::Object(headers);
        }
    }
}
