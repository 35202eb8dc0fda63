//! Ticking the template's schedules.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::lambda_api::Invoker;

/// Invokes the function with the input now and every `interval`, whatever the results of earlier invocations, until it is aborted.
pub(crate) async fn run(invoker: Invoker, function: String, input: String, interval: Duration) {
    let mut ticks = interval_at(Instant::now(), interval);
    // A machine that slept owes nobody the ticks of that time.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        invoker.spawn(function.clone(), input.clone().into());
    }
}
