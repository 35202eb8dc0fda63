//! Where the product runs that a test looks at: on a stack of the test's own, or deployed elsewhere.
//!
//! With `OUTHOOK_DEPLOYMENT` naming a file such as `tools/deploy_ministack.py` writes, [`World::new`](super::World::new) starts
//! nothing and looks at that deployment. It empties the tables and the stand-in for Slack first, so one test runs at a time
//! (`--test-threads=1`), and it signs with keys that open nothing on AWS. Tests that kill functions, invoke one directly or
//! start the stack with other options have to be left out there.

use std::path::PathBuf;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use local::{Addresses, Ready, Stack, Tokens};
use serde::Deserialize;
use serde_json::Value;
use shared::store::{Store, Tables};

/// The environment variable that names the deployment's file.
const DEPLOYMENT: &str = "OUTHOOK_DEPLOYMENT";

/// The file of a deployment.
#[derive(Debug, Deserialize)]
struct Deployment {
    /// The API's address, including the stage and without a slash at the end.
    gateway: String,
    /// The address of the stand-in for Slack.
    slack: String,
    /// The address of DynamoDB.
    dynamodb: String,
    /// The names of the tables.
    webhooks_table: String,
    events_table: String,
    deliveries_table: String,
}

/// A stack of this test's own, or a deployment elsewhere.
pub(crate) enum Place {
    Own(Stack),
    Elsewhere { ready: Ready, tables: Tables },
}

impl Place {
    /// The deployment that the environment names, if any, as good as new.
    pub(crate) async fn elsewhere() -> Option<Self> {
        let path = PathBuf::from(std::env::var_os(DEPLOYMENT).filter(|path| !path.is_empty())?);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let deployment: Deployment = serde_json::from_str(&text).unwrap();
        let Deployment { gateway, slack, dynamodb, .. } = deployment;
        let tables = Tables {
            webhooks: deployment.webhooks_table,
            events: deployment.events_table,
            deliveries: deployment.deliveries_table,
        };
        let database = local::dynamodb_client(&dynamodb);
        for table in [&tables.webhooks, &tables.events, &tables.deliveries] {
            empty(&database, table).await;
        }
        local::client().unwrap().delete(format!("{slack}/")).send().await.unwrap().error_for_status().unwrap();
        let acme = local::organization(&Store::new(database, tables.clone()), "acme").await.unwrap();
        let ready = Ready::new(Addresses { gateway, slack, dynamodb, lambda: String::new() }, acme);
        Some(Self::Elsewhere { ready, tables })
    }

    /// The stack of this test's own.
    pub(crate) fn own(&self) -> &Stack {
        match self {
            Self::Own(stack) => stack,
            Self::Elsewhere { .. } => {
                panic!("this test needs a stack of its own; leave it out where {DEPLOYMENT} is set")
            }
        }
    }

    /// Stops the test's own stack.
    pub(crate) async fn stop(self) {
        if let Self::Own(stack) = self {
            stack.shutdown().await;
        }
    }

    /// Addresses, ids and keys.
    pub(crate) fn ready(&self) -> &Ready {
        match self {
            Self::Own(stack) => stack.ready(),
            Self::Elsewhere { ready, .. } => ready,
        }
    }

    /// Where that path, with its query, is asked for here.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ready().gateway)
    }

    /// The name here of a table of the template.
    pub(crate) fn table<'a>(&'a self, id: &'a str) -> &'a str {
        match (self, id) {
            (Self::Own(_), id) => id,
            (Self::Elsewhere { tables, .. }, "WebhooksTable") => &tables.webhooks,
            (Self::Elsewhere { tables, .. }, "EventsTable") => &tables.events,
            (Self::Elsewhere { tables, .. }, _) => &tables.deliveries,
        }
    }

    /// A client of the place's DynamoDB.
    pub(crate) fn database(&self) -> aws_sdk_dynamodb::Client {
        local::dynamodb_client(&self.ready().dynamodb)
    }

    /// The place's tables, through the product's own store.
    pub(crate) fn store(&self) -> Store {
        match self {
            Self::Own(stack) => stack.store(),
            Self::Elsewhere { tables, .. } => Store::new(self.database(), tables.clone()),
        }
    }

    /// Creates another organization.
    pub(crate) async fn organization(&self, name: &str) -> (String, Tokens) {
        let (organization, tokens) = local::organization(&self.store(), name).await.unwrap();
        (organization.id.to_string(), tokens)
    }

    /// Invokes a function of the test's own stack.
    pub(crate) async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, String> {
        self.own().invoke(function, payload).await
    }

    /// Kills every function process of the test's own stack.
    pub(crate) async fn kill_functions(&self) -> usize {
        self.own().kill_functions().await
    }

    /// What was given up. Elsewhere it lies in the deployment's queue, which whoever deployed it looks at when all is over.
    pub(crate) fn discarded(&self) -> Vec<Value> {
        match self {
            Self::Own(stack) => stack.discarded(),
            Self::Elsewhere { .. } => Vec::new(),
        }
    }
}

async fn empty(database: &aws_sdk_dynamodb::Client, table: &str) {
    let mut items = database.scan().table_name(table).into_paginator().items().send();
    let mut deletes = Vec::new();
    while let Some(item) = items.next().await {
        let mut item = item.unwrap();
        let mut key = |name: &str| item.remove(name).unwrap_or_else(|| AttributeValue::S(String::new()));
        let delete = DeleteRequest::builder().key("pk", key("pk")).key("sk", key("sk")).build().unwrap();
        deletes.push(WriteRequest::builder().delete_request(delete).build());
    }
    for batch in deletes.chunks(25) {
        let written = database.batch_write_item().request_items(table, batch.to_vec()).send().await.unwrap();
        assert!(written.unprocessed_items().is_none_or(std::collections::HashMap::is_empty), "{table} was not emptied");
    }
}
