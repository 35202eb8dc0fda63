//! `cargo local bench`: what the functions cost, each figure beside its floor of the same run.
//!
//! The floor is a minimal function that makes one GetItem and answers it (`bench/`). On a busy machine figures rise and fall
//! together; only their ratios say something, so a function and its floor take turns.

mod bed;
mod delivery;
mod functions;
mod lists;
mod machine;
mod meter;
mod receiver;
mod report;
mod samples;
mod stats;
mod throughput;
mod tls;
mod units;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::template::Template;
pub use report::show;

/// Why a measurement came to nothing.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What to measure, and how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The root of the repository.
    pub root: PathBuf,
    /// Where the built functions and floors are.
    pub functions: PathBuf,
    /// Fewer repetitions: everything within two minutes.
    pub quick: bool,
    /// Only these functions, and none of the measurements that need all of them.
    pub only: Vec<String>,
}

impl Options {
    /// How often something is repeated: `full`, or a share of it when it must be quick.
    fn times(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    fn binary(&self, name: &str) -> PathBuf {
        self.functions.join(name)
    }
}

/// Measures everything that was asked for and tells of its progress line by line.
///
/// # Errors
///
/// When a function is not built, or does not answer as it should.
pub async fn run(options: &Options, tell: &(dyn Fn(&str) + Send + Sync)) -> Result<Value, BoxError> {
    let template = Template::read(&options.template())?;
    tell("TLS: the first request after init against a warm one");
    let tls = tls::measure(options, &template).await?;
    let functions = functions::measure(options, &template, tell).await?;
    let mut result = json!({"quick": options.quick, "functions": functions, "tls": tls});
    if options.only.is_empty() {
        tell("Lists: a page of 100 out of 100 and out of 1,000");
        result["lists"] = lists::measure(options, &template).await?;
        result["throughput"] = throughput::measure(options, &template, tell).await?;
        tell("Units of DynamoDB for a burst of 100");
        result["burst"] = units::measure(options, &template).await?;
        result["latency"] = delivery::measure(options, tell).await?;
    }
    Ok(result)
}

/// The size of a file and of what a zip makes of it, in bytes.
fn sizes(path: &Path) -> Result<(u64, u64), BoxError> {
    use std::io::Write as _;

    let bytes = std::fs::read(path)?;
    let mut zip = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    zip.write_all(&bytes)?;
    Ok((u64::try_from(bytes.len())?, u64::try_from(zip.finish()?.len())?))
}
