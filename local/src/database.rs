//! The embedded DynamoDB and the template's tables in it.

use std::{path::Path, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    error::DisplayErrorContext,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use dynoxide::Database;
use serde_json::Value;

use crate::{front::Writes, settings::Log, template::Template};

/// How often expired items are removed.
const SWEEP: Duration = Duration::from_secs(5);

/// Why the tables cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The database's file cannot be used.
    #[error("the embedded DynamoDB cannot be opened: {0}")]
    Open(String),
    /// A table of the template is refused.
    #[error("table {0}: {1}")]
    Create(String, String),
    /// A table in the data folder is not as the template has it.
    #[error(
        "table {0} in the data folder was made by another template: its {1} differ; use another --data or remove it"
    )]
    Outdated(String, &'static str),
}

/// Opens the database, in a file of the data folder if there is one.
pub(crate) fn open(data: Option<&Path>) -> Result<Database, TableError> {
    let database = match data {
        Some(folder) => {
            let file = folder.join("dynamodb.sqlite");
            private(&file).map_err(|error| TableError::Open(error.to_string()))?;
            Database::new(&file.display().to_string())
        }
        None => Database::memory(),
    };
    database.map_err(|error| TableError::Open(error.to_string()))
}

/// Makes the database's file, with those beside it, its owner's alone: it holds the secrets of all webhooks. SQLite gives the
/// files beside it the mode of the first.
fn private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes expired items until it is aborted, and notifies `writes` of them. The embedded server does not remove them
/// by itself.
pub(crate) async fn sweep(database: Database, writes: Writes, log: Log) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let sweeping = database.clone();
        match tokio::task::spawn_blocking(move || sweeping.sweep_ttl()).await {
            Ok(Ok(1..)) => writes.send_modify(|count| *count += 1),
            Ok(Err(error)) => log("dynamodb", &format!("expired items could not be removed: {error}")),
            _ => {}
        }
    }
}

/// A client for the DynamoDB at `endpoint`, an emulator: its keys open nothing on AWS.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(http);
    Client::from_conf(config.build())
}

/// Creates the template's tables that do not exist yet.
pub(crate) async fn create_tables(client: &Client, template: &Template) -> Result<(), TableError> {
    let known = client.list_tables().send().await;
    let known = known.map_err(|error| TableError::Open(DisplayErrorContext(error).to_string()))?;
    for properties in template.tables.values() {
        let name = &text(properties, "TableName").to_owned();
        let fail =
            |error: &dyn std::error::Error| TableError::Create(name.clone(), DisplayErrorContext(error).to_string());
        if known.table_names().contains(name) {
            let table = client.describe_table().table_name(name).send().await.map_err(|error| fail(&error))?;
            let table =
                table.table.ok_or_else(|| TableError::Create(name.clone(), "it is not described".to_owned()))?;
            if table.key_schema() != key_schema(properties).map_err(|error| fail(&error))? {
                return Err(TableError::Outdated(name.clone(), "keys"));
            }
            let mut there: Vec<_> = table.global_secondary_indexes().iter().filter_map(|i| i.index_name()).collect();
            let indexes = properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
            let mut wanted: Vec<_> = indexes.map(|index| text(index, "IndexName")).collect();
            there.sort_unstable();
            wanted.sort_unstable();
            if there != wanted {
                return Err(TableError::Outdated(name.clone(), "indexes"));
            }
            continue;
        }
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
            let others = index["Projection"]["NonKeyAttributes"].as_array();
            let others = others.map(|names| names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect());
            let index = GlobalSecondaryIndex::builder()
                .index_name(text(index, "IndexName"))
                .set_key_schema(Some(key_schema(index).map_err(|error| fail(&error))?))
                .projection(Projection::builder().projection_type(kind).set_non_key_attributes(others).build())
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
