//! Waking drain by an asynchronous invocation. A lost wake costs one tick: the queue is due all the same.

use std::{fmt, pin::Pin};

use aws_sdk_lambda::{Client, primitives::Blob, types::InvocationType};
use serde::{Deserialize, Serialize};

use crate::store::variable;

/// What drain is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Drain these queues now.
    Wake(Vec<String>),
    /// Drain what is due in that shard of the index; sent each minute.
    Tick {
        /// The shard.
        shard: u32,
    },
}

/// The most queues in one invocation.
pub const QUEUES_AN_INVOCATION: usize = 100;

/// Waking drain.
pub trait Wake: Send + Sync {
    /// Wakes drain for the queues. Failing is no error: the queues are due, and the next tick finds them.
    fn wake<'a>(&'a self, queues: &'a [String]) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Wakes the drain function of the environment; none by default.
#[derive(Clone, Default)]
pub struct Waker(Option<(Client, String)>);

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Waker").field(&self.0.as_ref().map(|(_, function)| function)).finish()
    }
}

impl Waker {
    /// The function named by `DRAIN_FUNCTION`; without it, nothing is woken.
    #[must_use]
    pub fn from_env(config: &aws_config::SdkConfig) -> Self {
        Self::of(config, variable("DRAIN_FUNCTION"))
    }

    /// The function of that name; without it, nothing is woken.
    #[must_use]
    pub fn of(config: &aws_config::SdkConfig, function: Option<String>) -> Self {
        Self(function.map(|function| (Client::new(config), function)))
    }
}

impl Wake for Waker {
    fn wake<'a>(&'a self, queues: &'a [String]) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let Some((client, function)) = &self.0 else { return };
            for part in queues.chunks(QUEUES_AN_INVOCATION) {
                let Ok(payload) = serde_json::to_vec(&Command::Wake(part.to_vec())) else { continue };
                let call = client.invoke().function_name(function).invocation_type(InvocationType::Event);
                if let Err(error) = call.payload(Blob::new(payload)).send().await {
                    let error = aws_sdk_lambda::error::DisplayErrorContext(error);
                    tracing::warn!(queue.count = part.len(), error = %error, "drain was not woken; the next tick will");
                }
            }
        })
    }
}
