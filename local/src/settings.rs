//! How the functions' processes run.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use crate::later::Later;

/// Receives log lines: the function (or part of the stack) that wrote the line, and the line.
pub type Log = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// How functions run.
pub(crate) struct Settings {
    /// Where their binaries are.
    pub(crate) folder: PathBuf,
    /// Environment variables that override the template's.
    pub(crate) environment: BTreeMap<String, String>,
    /// The address of the Runtime API, where they ask for invocations.
    pub(crate) runtime_api: String,
    /// Where their log lines go.
    pub(crate) log: Log,
    /// The functions that are still being built, if any.
    pub(crate) later: Option<Later>,
}
