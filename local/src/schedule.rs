//! Ticking the template's schedules.

use std::time::Duration;

use crate::{functions::Functions, lambda_api::spawn};

/// Invokes the function with the input every `interval`, until it is aborted.
pub(crate) async fn run(functions: Functions, function: String, input: String, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        spawn(&functions, function.clone(), input.clone().into());
    }
}
