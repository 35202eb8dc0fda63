//! Waking drain and spread by asynchronous invocations. If a wake is lost, the tick finds what is due some seconds
//! later.

use std::{fmt, pin::Pin, time::Duration};

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Call, Service, segment, variable};

/// How many times in a row queues or lanes may be handed over from one invocation to the next; an invocation is about a
/// minute long. After that they wait for the tick, so that no defect can keep invocations waking each other forever.
pub(super) const MAX_HANDOVERS: u32 = 240;

/// The payload of an invocation of drain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Drain the queues with these keys.
    Wake(Vec<String>),
    /// Continue with these queues: the invocation that worked on them has run out of time.
    HandOver {
        /// The keys of the queues.
        queues: Vec<String>,
        /// How many times in a row they have been handed over.
        chain: u32,
    },
}

/// The payload of an invocation of spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadCommand {
    /// The keys of the lanes to work on.
    pub lanes: Vec<String>,
    /// How many times in a row the lanes have been handed over.
    #[serde(default)]
    pub chain: u32,
}

/// The most queues in one invocation.
pub const QUEUES_AN_INVOCATION: usize = 100;

/// The most lanes in one invocation, which works on all of them at the same time.
pub const LANES_AN_INVOCATION: usize = 8;

/// How long Lambda may take to accept an asynchronous invocation. Nothing waits for the invoked function itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// The future of a wake, which reports no result.
pub type Waking<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Wakes drain and spread by asynchronous invocations. A failed wake is logged and is not an error: the queues and
/// lanes are due, so the tick finds them.
pub trait Wake: Send + Sync {
    /// Wakes drain for the queues.
    fn wake<'a>(&'a self, queues: &'a [String]) -> Waking<'a>;

    /// Wakes drain for queues that it has not finished. `chain` is how many times in a row they have been handed over,
    /// this time included.
    fn hand_over<'a>(&'a self, queues: &'a [String], chain: u32) -> Waking<'a>;

    /// Wakes spread for these lanes. `chain` is how many times in a row they have been handed over, this time included;
    /// 0 if they have tasks but were not handed over.
    fn spread<'a>(&'a self, lanes: &'a [String], chain: u32) -> Waking<'a>;
}

/// Wakes Lambda functions by their names. A function without a name is not woken.
#[derive(Clone, Default)]
pub struct Waker {
    aws: Option<Aws>,
    drain: Option<String>,
    spread: Option<String>,
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waker").field("drain", &self.drain).field("spread", &self.spread).finish_non_exhaustive()
    }
}

impl Waker {
    /// A waker for the functions that the environment variables `DRAIN_FUNCTION` and `SPREAD_FUNCTION` name.
    #[must_use]
    pub fn from_env(aws: &Aws) -> Self {
        Self { spread: variable("SPREAD_FUNCTION"), ..Self::of(aws, variable("DRAIN_FUNCTION")) }
    }

    /// A waker for the drain function of this name. It does not wake spread.
    #[must_use]
    pub fn of(aws: &Aws, drain: Option<String>) -> Self {
        Self { aws: Some(aws.clone()), drain, spread: None }
    }

    async fn invoke(&self, function: Option<&String>, command: &impl Serialize) {
        let (Some(aws), Some(function)) = (&self.aws, function) else { return };
        let Ok(body) = serde_json::to_vec(command) else { return };
        let path = format!("/2015-03-31/functions/{}/invocations", segment(function));
        let headers = &[("content-type", "application/json"), ("x-amz-invocation-type", "Event")];
        let call = Call { service: Service::Lambda, method: "POST", path: &path, headers, body: &body };
        match tokio::time::timeout(PATIENCE, aws.call(call)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                // Only the error's code is logged: the whole error would show the raw reply.
                tracing::warn!(function, code = %error, "a function was not woken; the tick will wake it");
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
