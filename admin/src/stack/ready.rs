//! Finding a local stack by the file that it writes when it is ready.

use std::path::Path;

use serde::Deserialize;
use shared::store::Tables;

use crate::failure::BoxError;

/// The function that delivers on a local stack.
pub(super) const DRAIN: &str = "outhook-local-drain";

/// The part of the file that is needed here.
#[derive(Deserialize)]
pub(super) struct Ready {
    pub(super) gateway: String,
    pub(super) dynamodb: String,
    pub(super) lambda: String,
    pub(super) organization: String,
}

/// The tables of a local stack, which have the names that they have in the template.
pub(super) fn tables() -> Tables {
    let [webhooks, events, deliveries] = ["WebhooksTable", "EventsTable", "DeliveriesTable"].map(str::to_owned);
    Tables { webhooks, events, deliveries }
}

/// Reads the file.
pub(super) fn read(file: &Path) -> Result<Ready, BoxError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{}: {error}; is `cargo local --ready-file` running?", file.display()))?;
    // What is wrong is not quoted: the file holds keys.
    let ready = serde_json::from_str(&text);
    ready.map_err(|_| format!("{} is not a file that `cargo local --ready-file` has written", file.display()).into())
}
