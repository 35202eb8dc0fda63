//! Ticking the template's schedules.

use std::time::Duration;

use crate::lambda_api::Invoker;

/// Invokes the function with the input every `interval`, until it is aborted.
pub(crate) async fn run(invoker: Invoker, function: String, input: String, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        invoker.spawn(function.clone(), input.clone().into());
    }
}
