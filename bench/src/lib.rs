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
mod options;
mod receiver;
mod report;
mod samples;
mod stats;
mod throughput;
mod tls;
mod units;

use local::Template;
use serde_json::{Value, json};

pub use options::{BoxError, Options};
pub use report::show;

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
