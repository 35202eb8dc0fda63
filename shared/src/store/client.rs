//! The connection to DynamoDB.

use std::{fmt, sync::Arc, time::Duration};

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use ring::{
    error::Unspecified,
    rand::{SecureRandom as _, SystemRandom},
};

use super::event_ids::EventIds;
use crate::{
    domain::{Clock, EventId, Organization, SystemClock},
    encoding::hex,
};

/// The names of the three tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Organizations, webhooks, subscriptions and tokens.
    pub webhooks: String,
    /// Events.
    pub events: String,
    /// Queues and deliveries.
    pub deliveries: String,
}

impl Tables {
    /// Reads the names from `WEBHOOKS_TABLE`, `EVENTS_TABLE` and `DELIVERIES_TABLE`. A function has only the variables
    /// that it uses; the other names are empty, and DynamoDB rejects an empty name.
    #[must_use]
    pub fn from_env() -> Self {
        let name = |variable| std::env::var(variable).unwrap_or_default();
        Self { webhooks: name("WEBHOOKS_TABLE"), events: name("EVENTS_TABLE"), deliveries: name("DELIVERIES_TABLE") }
    }
}

/// Reads `RETENTION_DAYS`: how many days an event is kept for delivery. 30 unless it is set to a number from 1 to 365.
fn retention_from_env() -> i64 {
    let days = std::env::var("RETENTION_DAYS").ok().and_then(|text| text.parse().ok());
    days.filter(|days| (1..=365).contains(days)).unwrap_or(30)
}

/// A source of random bytes, injected so that a test can replay them. Keys, secrets and ids are made from them, so an
/// implementation must fill the whole buffer or not return.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's cryptographic randomness. If the system gives none, the process exits: a key of zeros would let
/// everybody in.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        fill_or_end(|bytes| self.0.fill(bytes), bytes);
    }
}

fn fill_or_end(fill: impl FnOnce(&mut [u8]) -> Result<(), Unspecified>, bytes: &mut [u8]) {
    if fill(bytes).is_err() {
        // Not a panic: it would be caught, and the next request would be answered.
        eprintln!("the system gave no random bytes: the process ends, since keys and ids cannot be made without");
        std::process::abort();
    }
}

/// The tables, the clock and the randomness that a function works with.
#[derive(Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) tables: Tables,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) retention_days: i64,
    pub(super) event_ids: Arc<EventIds>,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("tables", &self.tables).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a store from an existing client, with the system's clock and randomness.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables,
            clock: Arc::new(SystemClock::default()),
            retention_days: retention_from_env(),
            event_ids: Arc::default(),
            entropy: Arc::new(SystemEntropy::default()),
        }
    }

    /// Makes a store on the DynamoDB of that configuration.
    #[must_use]
    pub fn on(config: &SdkConfig, tables: Tables) -> Self {
        Self::new(Client::new(config), tables)
    }

    /// Returns the same store with another clock and another source of randomness.
    #[must_use]
    pub fn with(mut self, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        self.clock = clock;
        self.entropy = entropy;
        self
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How long an event is kept for delivery, in days.
    #[must_use]
    pub fn retention(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.retention_days * 86_400).unwrap_or(0))
    }

    /// The source of random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// Returns that many random bytes in lower-case hex, for use as a unique name.
    #[must_use]
    pub fn random_hex<const N: usize>(&self) -> String {
        hex(&self.random::<N>())
    }

    /// Makes the id of an event that is accepted now. The event's partition is chosen by `key` (its ordering key), or
    /// by the organization if there is none. Within a process, every id is higher than the one before it.
    #[must_use]
    pub fn new_event_id(&self, organization: &Organization, key: Option<&str>) -> EventId {
        self.event_ids.id(self.clock.now(), u128::from_le_bytes(self.random()), organization, key)
    }

    /// A ULID of the present time that nobody can guess, for something other than an event.
    #[must_use]
    pub fn new_ulid(&self) -> EventId {
        EventId::new(self.clock.now(), u128::from_le_bytes(self.random()))
    }

    /// A random number from 0 (included) to 1 (excluded).
    #[must_use]
    pub fn random_fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.random())) / (f64::from(u32::MAX) + 1.0)
    }
}

/// A store whose DynamoDB cannot be reached.
#[cfg(test)]
pub(crate) fn nowhere() -> Store {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};

    let config = Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("us-east-1"));
    let config = config.credentials_provider(Credentials::new("a", "b", None, None, "test"));
    let config = config.http_client(aws_smithy_http_client::Builder::new().build_http());
    Store::new(Client::from_conf(config.endpoint_url("http://127.0.0.1:9").build()), Tables::from_env())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs this test again in a child process, which is expected to exit.
    #[test]
    fn a_system_without_randomness_ends_the_process() {
        const CHILD: &str = "OUTHOOK_TEST_WITHOUT_RANDOMNESS";
        if std::env::var_os(CHILD).is_some() {
            fill_or_end(|_| Err(Unspecified), &mut [0; 16]);
            return;
        }
        let name = "store::client::tests::a_system_without_randomness_ends_the_process";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let ended = child.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
        assert_eq!(ended.status.code(), None, "ended by a signal, not by a panic that somebody may catch");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("the system gave no random bytes"));
    }

    #[test]
    fn the_systems_randomness_fills_the_whole_buffer() {
        let mut bytes = [0; 64];
        SystemEntropy::default().fill(&mut bytes);
        assert!(bytes.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
