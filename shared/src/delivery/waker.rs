//! Waking drain and spread by asynchronous invocations. A lost wake costs a moment: what is due is found by the tick.

use std::{fmt, pin::Pin, time::Duration};

use aws_sdk_lambda::{Client, error::ProvideErrorMetadata as _, primitives::Blob, types::InvocationType};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::store::variable;

/// How often in a row queues or lanes may be handed over from invocation to invocation, each about a minute long. Beyond that the
/// tick takes them up, so that no defect can keep invocations waking each other forever.
pub(super) const MAX_HANDOVERS: u32 = 240;

/// What drain is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Drain these queues now.
    Wake(Vec<String>),
    /// Go on with these queues: the invocation before has run out of time.
    HandOver {
        /// The queues.
        queues: Vec<String>,
        /// How often in a row they have been handed over.
        chain: u32,
    },
}

/// What spread is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadCommand {
    /// The lanes of spread tasks to work on.
    pub lanes: Vec<String>,
    /// How often in a row they have been handed over.
    #[serde(default)]
    pub chain: u32,
}

/// The most queues in one invocation.
pub const QUEUES_AN_INVOCATION: usize = 100;

/// The most lanes in one invocation: all of them are worked on at the same time.
pub const LANES_AN_INVOCATION: usize = 8;

/// How long one invocation may take to be accepted. Nothing waits for drain itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a wake returns.
pub type Waking<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Waking drain and spread by asynchronous invocations. Failing is not an error: what they work on is due, and the tick finds it.
pub trait Wake: Send + Sync {
    /// Wakes drain for the queues.
    fn wake<'a>(&'a self, queues: &'a [String]) -> Waking<'a>;

    /// Wakes drain for queues that it has not finished, for the `chain`th time in a row.
    fn hand_over<'a>(&'a self, queues: &'a [String], chain: u32) -> Waking<'a>;

    /// Wakes spread for organizations that have spread tasks, for the `chain`th time in a row.
    fn spread<'a>(&'a self, lanes: &'a [String], chain: u32) -> Waking<'a>;
}

/// Wakes the functions named by the environment; without a name, nothing is woken.
#[derive(Clone, Default)]
pub struct Waker {
    client: Option<Client>,
    drain: Option<String>,
    spread: Option<String>,
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").field("drain", &self.drain).field("spread", &self.spread).finish_non_exhaustive()
    }
}

impl Waker {
    /// The functions named by `DRAIN_FUNCTION` and `SPREAD_FUNCTION`.
    #[must_use]
    pub fn from_env(config: &aws_config::SdkConfig) -> Self {
        Self { spread: variable("SPREAD_FUNCTION"), ..Self::of(config, variable("DRAIN_FUNCTION")) }
    }

    /// The drain function of that name.
    #[must_use]
    pub fn of(config: &aws_config::SdkConfig, drain: Option<String>) -> Self {
        Self { client: Some(Client::new(config)), drain, spread: None }
    }

    async fn invoke(&self, function: Option<&String>, command: &impl Serialize) {
        let (Some(client), Some(function)) = (&self.client, function) else { return };
        let Ok(payload) = serde_json::to_vec(command) else { return };
        let call = client.invoke().function_name(function).invocation_type(InvocationType::Event);
        match tokio::time::timeout(PATIENCE, call.payload(Blob::new(payload)).send()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                // Its code alone: the whole error shows the reply as it came.
                let code = error.code().unwrap_or("no reply");
                tracing::warn!(function, code, "a function was not woken; the tick will wake it");
            }
            Err(_) => tracing::warn!(function, "a function could not be woken in time; the tick will wake it"),
        }
    }
}

impl Wake for Waker {
    fn wake<'a>(&'a self, queues: &'a [String]) -> Waking<'a> {
        Box::pin(async move {
            let parts = queues.chunks(QUEUES_AN_INVOCATION).map(|part| Command::Wake(part.to_vec()));
            join_all(parts.map(|command| async move { self.invoke(self.drain.as_ref(), &command).await })).await;
        })
    }

    fn hand_over<'a>(&'a self, queues: &'a [String], chain: u32) -> Waking<'a> {
        Box::pin(async move {
            let parts =
                queues.chunks(QUEUES_AN_INVOCATION).map(|part| Command::HandOver { queues: part.to_vec(), chain });
            join_all(parts.map(|command| async move { self.invoke(self.drain.as_ref(), &command).await })).await;
        })
    }

    fn spread<'a>(&'a self, lanes: &'a [String], chain: u32) -> Waking<'a> {
        Box::pin(async move {
            let parts = lanes.chunks(LANES_AN_INVOCATION).map(|part| SpreadCommand { lanes: part.to_vec(), chain });
            join_all(parts.map(|command| async move { self.invoke(self.spread.as_ref(), &command).await })).await;
        })
    }
}
