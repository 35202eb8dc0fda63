//! The loops that run the two delivery functions on Lambda.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::streams::DynamoDbEventResponse;
use lambda_runtime::{LambdaEvent, service_fn, tracing::init_default_subscriber};

use super::{Batch, Command, Drain, HttpSender, SenderOptions, Wake, Waker, fan_out};
use crate::store::{Store, Tables, connect};

/// Why a function could not start, or an invocation failed.
type Error = lambda_runtime::Error;

/// What drain leaves of an invocation's time, to write down what it has done.
const RESERVE: Duration = Duration::from_secs(3);

fn block_on(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        init_default_subscriber();
        work.await
    })
}

async fn prepare() -> (Store, Waker) {
    let (config, database) = connect().await;
    (Store::new(database, Tables::from_env()), Waker::from_env(&config))
}

/// Serves batches of the Events table's stream.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run_fan_out() -> Result<(), Error> {
    block_on(async {
        let (store, waker) = prepare().await;
        let (store, waker) = (&store, &waker);
        let handler = service_fn(move |event: LambdaEvent<Batch>| async move {
            Ok::<DynamoDbEventResponse, Error>(fan_out(store, waker, event.payload).await)
        });
        lambda_runtime::run(handler).await
    })
}

/// Serves drain's commands: wakes and ticks.
///
/// # Errors
///
/// When the runtime API cannot be reached, or the system's certificates cannot be read.
pub fn run_drain() -> Result<(), Error> {
    block_on(async {
        let (store, waker) = prepare().await;
        let sender = Arc::new(HttpSender::new(SenderOptions::from_env())?);
        let drain = Drain { store, sender, waker: Arc::new(waker) as Arc<dyn Wake> };
        let drain = &drain;
        let handler = service_fn(move |event: LambdaEvent<Command>| async move {
            let left = event.context.deadline().duration_since(std::time::SystemTime::now()).unwrap_or_default();
            let tally = drain.run(event.payload, left.saturating_sub(RESERVE)).await?;
            // Nobody tries the invocation again: the queues are due. It only feeds the alarm over errors.
            match tally.undrained {
                0 => Ok::<(), Error>(()),
                queues => Err(format!("{queues} queues could not be drained; the log has why").into()),
            }
        });
        lambda_runtime::run(handler).await
    })
}
