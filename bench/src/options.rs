//! What to measure, and how long.

use std::path::PathBuf;

/// Why a measurement failed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What to measure, and how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The root of the repository.
    pub root: PathBuf,
    /// The folder of the built functions and floors.
    pub functions: PathBuf,
    /// Fewer repetitions: everything within two minutes.
    pub quick: bool,
    /// Only these functions, and none of the measurements that need all of them.
    pub only: Vec<String>,
}

impl Options {
    /// How often something is repeated: `full`, or a share of it when it must be quick.
    pub(crate) fn times(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    pub(crate) fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.functions.join(name)
    }
}
