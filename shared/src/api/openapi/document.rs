//! An OpenAPI document under construction.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    examples,
    parts::{named, reference},
    plain, shared_replies,
};
use crate::http::Reply;

/// Builds the document of one API. `finish` returns it as JSON.
pub(in crate::api) struct Document {
    info: Value,
    /// The tags that group operations, each with its description.
    tags: Vec<Value>,
    /// Recorded examples of requests and replies, by operation id.
    pub(super) examples: Value,
    security: Map<String, Value>,
    pub(super) generator: SchemaGenerator,
    pub(super) schemas: Map<String, Value>,
    pub(super) parameters: Map<String, Value>,
    pub(super) paths: Map<String, Value>,
    /// Failures of every operation: the failure's name and its reply.
    pub(super) common: Vec<(String, Reply)>,
    /// Failures of every operation with a body, in addition to `common`: the failure's name and its reply.
    pub(super) of_bodies: Vec<(String, Reply)>,
    /// Returns the schema of an error with that status.
    pub(super) error: fn(&mut SchemaGenerator, u16) -> Value,
    /// The media type of errors.
    pub(super) failure_type: &'static str,
    /// A header that every reply of a function carries, with its description.
    pub(super) header: Option<(&'static str, &'static str)>,
}

impl Document {
    /// Creates a document without operations. `name` selects the recorded examples. `error` returns the schema of an
    /// error with a given status.
    pub(in crate::api) fn new(
        name: &str,
        title: &str,
        description: &str,
        error: fn(&mut SchemaGenerator, u16) -> Value,
    ) -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let info = json!({
            "title": title, "version": "1.0.0", "description": description,
            "contact": {"name": "The maintainers of Outhook"},
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        });
        Self {
            info,
            tags: Vec::new(),
            examples: examples::of(name),
            security: Map::new(),
            generator: settings.into_generator(),
            schemas: Map::new(),
            parameters: Map::new(),
            paths: Map::new(),
            common: Vec::new(),
            of_bodies: Vec::new(),
            error,
            failure_type: "application/json",
            header: None,
        }
    }

    /// Adds a security scheme. A request needs only one of the schemes.
    pub(in crate::api) fn security(&mut self, name: &str, scheme: Value) {
        self.security.insert(name.to_owned(), scheme);
    }

    /// Declares the media type of errors, if it is not that of JSON.
    pub(in crate::api) fn failures_are(&mut self, media_type: &'static str) {
        self.failure_type = media_type;
    }

    /// Declares a header that every reply carries.
    pub(in crate::api) fn every_reply_has(&mut self, header: &'static str, description: &'static str) {
        self.header = Some((header, description));
    }

    /// Adds the path parameter `{name}`.
    pub(in crate::api) fn segment(&mut self, name: &str, description: &str, schema: Value) {
        let parameter =
            json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema});
        self.parameters.insert(name.to_owned(), parameter);
    }

    /// Adds the schema of a request as the component `name`, and returns a reference to it.
    pub(in crate::api) fn taken(&mut self, name: &str, schema: Value) -> Value {
        self.schemas.insert(name.to_owned(), schema);
        reference("schemas", name)
    }

    /// Returns the schema of a reply.
    pub(in crate::api) fn answered<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// Begins a group of operations. Operations that are added afterwards have this tag.
    pub(in crate::api) fn group(&mut self, tag: &str, description: &str) {
        self.tags.push(json!({"name": tag, "description": description}));
    }

    /// Returns the tag of the current group.
    pub(super) fn tag(&self) -> Value {
        self.tags.last().map(|tag| tag["name"].clone()).unwrap_or_default()
    }

    /// Adds failures that every operation may reply with.
    pub(in crate::api) fn any_fails<F: std::fmt::Debug + Into<Reply>>(
        &mut self,
        failures: impl IntoIterator<Item = F>,
    ) {
        self.common.extend(failures.into_iter().map(named));
    }

    /// Adds failures that every operation with a body may reply with.
    pub(in crate::api) fn bodies_fail<F: std::fmt::Debug + Into<Reply>>(
        &mut self,
        failures: impl IntoIterator<Item = F>,
    ) {
        self.of_bodies.extend(failures.into_iter().map(named));
    }

    /// Returns the document as JSON.
    pub(in crate::api) fn finish(mut self) -> Value {
        let gateway = json!({
            "type": "object",
            "description": "The error of API Gateway itself. It has the members that each API's own errors have.",
            "properties": {
                "detail": {"type": "string", "description": "What is wrong."},
                "message": {"type": "string", "description": "The same as `detail`."},
                "title": {"type": "string", "description": "The same as `detail`."},
                "status": {"type": "integer", "description": "The HTTP status."},
            },
            "required": ["detail", "message", "title", "status"],
        });
        self.schemas.insert("GatewayAnswer".to_owned(), gateway);
        let mut schemas = self.generator.take_definitions(true);
        schemas.extend(self.schemas);
        schemas.sort_keys();
        let responses = shared_replies::share(&mut self.paths);
        let security: Vec<_> = self.security.keys().map(|name| json!({name: []})).collect();
        let mut document = json!({
            "openapi": "3.1.0",
            "info": self.info,
            "servers": [{"url": "http://127.0.0.1:3000", "description": "cargo local"}, {
                "url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
                "description": "a deployment; its address is the output ApiUrl of the stack",
                "variables": {
                    "api": {"default": "api"}, "region": {"default": "us-east-1"}, "stage": {"default": "prod"}
                },
            }],
            "security": security,
            "tags": self.tags,
            "paths": self.paths,
            "components": {
                "securitySchemes": self.security, "parameters": self.parameters, "responses": responses,
                "schemas": schemas,
            },
        });
        plain::simplify(&mut document);
        document
    }
}
