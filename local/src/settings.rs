//! How the functions' processes run.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Where log lines go: the function that said it (or the part of the stack) and the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// How functions run.
pub(crate) struct Settings {
    /// Where their binaries are.
    pub(crate) folder: PathBuf,
    /// Environment variables over the template's.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where they ask for invocations.
    pub(crate) runtime_api: String,
    /// Where what they say goes.
    pub(crate) log: Log,
}
