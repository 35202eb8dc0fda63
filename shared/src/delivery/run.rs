//! The loops that run the delivery functions on Lambda.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aws_lambda_events::streams::DynamoDbEventResponse;
use futures_util::FutureExt as _;
use lambda_runtime::{Context, LambdaEvent, service_fn};

use super::{Drain, HttpSender, SenderOptions, Spread, Tick, Wake, Waker, fan_out};
use crate::{
    aws::connect,
    runtime::{Error, block_on},
    store::{Store, Tables},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// The time at the end of an invocation in which a function starts no new work, so that it can still write its results.
const RESERVE: Duration = Duration::from_secs(3);

/// Turns a panic, which would be a defect, into an error with a fixed text. Lambda's runtime would log the panic's own
/// message, which may quote anything.
async fn unless_it_panics<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err("the code panicked; the log has where".into()))
}

/// Parses the payload of an invocation. The error gives the line and column and quotes nothing of the payload, because
/// it is logged.
fn payload<T: DeserializeOwned>(event: &LambdaEvent<Box<RawValue>>) -> Result<T, Error> {
    serde_json::from_str(event.payload.get())
        .map_err(|error| format!("the payload is not valid at line {} column {}", error.line(), error.column()).into())
}

async fn prepare() -> (Store, Waker) {
    let (aws, database) = connect().await;
    (Store::new(database, Tables::from_env()), Waker::from_env(&aws))
}

/// Runs fan-out: serves batches of records from the Events table's stream until Lambda ends the process.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run_fan_out() -> Result<(), Error> {
    block_on(async {
        let (store, waker) = prepare().await;
        let (store, waker) = (&store, &waker);
        let handler = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
            let budget = time_left(&event.context);
            unless_it_panics(async {
                Ok::<DynamoDbEventResponse, Error>(fan_out(store, waker, payload(&event)?, budget).await)
            })
            .await
        });
        lambda_runtime::run(handler).await
    })
}

/// Runs drain: serves its commands (wakes and handovers) until Lambda ends the process.
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
        let handler = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
            let budget = time_left(&event.context);
            let tally = unless_it_panics(async { Ok(drain.run(payload(&event)?, budget).await) }).await?;
            // The error only triggers the alarm. Lambda does not retry the invocation: the queues stay due.
            match tally.undrained {
                0 => Ok::<(), Error>(()),
                queues => Err(format!("{queues} queues could not be drained; the log has why").into()),
            }
        });
        lambda_runtime::run(handler).await
    })
}

/// Runs spread: serves its commands, which name lanes of spread tasks, until Lambda ends the process.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run_spread() -> Result<(), Error> {
    block_on(async {
        let (store, waker) = prepare().await;
        let spread = &Spread { store, waker: Arc::new(waker) };
        let handler = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
            let budget = time_left(&event.context);
            // The error only triggers the alarm. Lambda does not retry the invocation: the lanes stay due.
            match unless_it_panics(async { Ok(spread.run(payload(&event)?, budget).await) }).await? {
                0 => Ok::<(), Error>(()),
                lanes => Err(format!("{lanes} lanes could not be worked on; the log has why").into()),
            }
        });
        lambda_runtime::run(handler).await
    })
}

/// The payload of an invocation of the tick, as the schedule sends it.
#[derive(Debug, Deserialize)]
struct TickCommand {
    /// For how many seconds the tick watches the index, until the next tick takes over. With 0 it looks once.
    watch_seconds: u64,
}

/// Runs the tick: serves the invocations of the schedule until Lambda ends the process.
///
/// # Errors
///
/// When the runtime API cannot be reached.
pub fn run_tick() -> Result<(), Error> {
    block_on(async {
        let (store, waker) = prepare().await;
        let tick = &Tick { store, waker: Arc::new(waker) };
        let handler = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
            let command: TickCommand = payload(&event)?;
            let budget = Duration::from_secs(command.watch_seconds).min(time_left(&event.context));
            unless_it_panics(async { Ok::<(), Error>(tick.run(budget).await?) }).await
        });
        lambda_runtime::run(handler).await
    })
}

/// How much time an invocation has left for its work: until its deadline, less [`RESERVE`].
fn time_left(context: &Context) -> Duration {
    context.deadline().duration_since(std::time::SystemTime::now()).unwrap_or_default().saturating_sub(RESERVE)
}
