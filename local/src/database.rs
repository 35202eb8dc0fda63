//! The embedded DynamoDB and the template's tables in it.

use std::{path::Path, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use dynoxide::Database;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::template::Template;

/// Why the tables cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The database's file cannot be used.
    #[error("the embedded DynamoDB cannot be opened: {0}")]
    Open(String),
    /// A table of the template is refused.
    #[error("table {0}: {1}")]
    Create(String, String),
}

/// Opens the database and serves it until the runtime ends.
pub(crate) fn serve(listener: TcpListener, data: Option<&Path>) -> Result<(), TableError> {
    let database = match data {
        Some(folder) => Database::new(&folder.join("dynamodb.sqlite").display().to_string()),
        None => Database::memory(),
    };
    let database = database.map_err(|error| TableError::Open(error.to_string()))?;
    let sweeping = database.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            if let Err(error) = sweeping.sweep_ttl() {
                eprintln!("dynamodb: expired items could not be removed: {error}");
            }
        }
    });
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    Ok(())
}

/// The credentials that the local stack hands out; the embedded DynamoDB takes any.
fn credentials() -> Credentials {
    Credentials::new("local", "local", None, None, "local")
}

/// A client for the DynamoDB at `endpoint`.
pub(crate) fn client(endpoint: &str) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint)
        .http_client(http);
    Client::from_conf(config.build())
}

/// A client for the streams at `endpoint`.
pub(crate) fn streams(endpoint: &str) -> aws_sdk_dynamodbstreams::Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url(endpoint)
        .http_client(http);
    aws_sdk_dynamodbstreams::Client::from_conf(config.build())
}

/// Makes those of the template's tables that are not there yet.
pub(crate) async fn create_tables(client: &Client, template: &Template) -> Result<(), TableError> {
    let known = client.list_tables().send().await.map_err(|error| TableError::Open(format!("{error:?}")))?;
    for (name, properties) in &template.tables {
        if known.table_names().contains(name) {
            continue;
        }
        let fail = |error: &dyn std::fmt::Debug| TableError::Create(name.clone(), format!("{error:?}"));
        let mut create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        for attribute in properties["AttributeDefinitions"].as_array().into_iter().flatten() {
            let definition = AttributeDefinition::builder()
                .attribute_name(text(attribute, "AttributeName"))
                .attribute_type(ScalarAttributeType::from(text(attribute, "AttributeType")))
                .build();
            create = create.attribute_definitions(definition.map_err(|error| fail(&error))?);
        }
        create = create.set_key_schema(Some(key_schema(properties).map_err(|error| fail(&error))?));
        for index in properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
            let kind = ProjectionType::from(text(&index["Projection"], "ProjectionType"));
            let index = GlobalSecondaryIndex::builder()
                .index_name(text(index, "IndexName"))
                .set_key_schema(Some(key_schema(index).map_err(|error| fail(&error))?))
                .projection(Projection::builder().projection_type(kind).build())
                .build();
            create = create.global_secondary_indexes(index.map_err(|error| fail(&error))?);
        }
        if let Some(view) = properties["StreamSpecification"]["StreamViewType"].as_str() {
            let stream =
                StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::from(view));
            create = create.stream_specification(stream.build().map_err(|error| fail(&error))?);
        }
        create.send().await.map_err(|error| fail(&error))?;
        if let Some(attribute) = properties["TimeToLiveSpecification"]["AttributeName"].as_str() {
            let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build();
            let ttl = ttl.map_err(|error| fail(&error))?;
            let update = client.update_time_to_live().table_name(name).time_to_live_specification(ttl);
            update.send().await.map_err(|error| fail(&error))?;
        }
    }
    Ok(())
}

fn key_schema(of: &Value) -> Result<Vec<KeySchemaElement>, aws_sdk_dynamodb::error::BuildError> {
    let elements = of["KeySchema"].as_array().into_iter().flatten();
    elements
        .map(|element| {
            KeySchemaElement::builder()
                .attribute_name(text(element, "AttributeName"))
                .key_type(KeyType::from(text(element, "KeyType")))
                .build()
        })
        .collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
