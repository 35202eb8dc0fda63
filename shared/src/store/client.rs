//! The connection to DynamoDB.

use std::{fmt, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use aws_smithy_http_client::tls;
use ring::rand::{SecureRandom, SystemRandom};

use super::values::key;
use crate::domain::{Clock, SystemClock};

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
    /// The names in `WEBHOOKS_TABLE`, `EVENTS_TABLE` and `DELIVERIES_TABLE`. A function has only those that it uses; the
    /// others are empty, and DynamoDB refuses an empty name.
    #[must_use]
    pub fn from_env() -> Self {
        let name = |variable| std::env::var(variable).unwrap_or_default();
        Self { webhooks: name("WEBHOOKS_TABLE"), events: name("EVENTS_TABLE"), deliveries: name("DELIVERIES_TABLE") }
    }
}

/// `RETENTION_DAYS`: for how many days an event is kept for delivery; 30 unless it is set to a number from 1 to 365.
fn retention_from_env() -> i64 {
    let days = std::env::var("RETENTION_DAYS").ok().and_then(|text| text.parse().ok());
    days.filter(|days| (1..=365).contains(days)).unwrap_or(30)
}

/// Random bytes, injected so that a test can replay them.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The system's cryptographic randomness.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // getrandom fails only where the system has no source at all; zeros then make ids collide, which conditions catch.
        if self.0.fill(bytes).is_err() {
            tracing::error!("the system gave no random bytes");
        }
    }
}

/// The tables, the clock and the randomness: everything that a function reads and writes.
#[derive(Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) tables: Tables,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) retention_days: i64,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("tables", &self.tables).finish_non_exhaustive()
    }
}

/// The AWS configuration of the environment, with the one HTTP client and TLS stack that everything shares. An `endpoint` on
/// this machine is an emulator's: it takes any credentials and any region, so none need be set up.
pub async fn aws_config(endpoint: Option<&str>) -> aws_config::SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(endpoint);
        if ["http://127.0.0.1:", "http://localhost:"].iter().any(|local| endpoint.starts_with(local)) {
            let anybody = Credentials::new("local", "local", None, None, "local");
            loader = loader.credentials_provider(anybody).region(Region::new("us-east-1"));
        }
    }
    loader.load().await
}

/// The environment variable's value, if it is set and not empty: what an operator leaves open, the template sets to nothing.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Store {
    /// A function's store: AWS's DynamoDB, or the one that `DYNAMODB_ENDPOINT` names, and the tables of the environment.
    #[must_use]
    pub fn from_env(config: &aws_config::SdkConfig) -> Self {
        let mut config = aws_sdk_dynamodb::config::Builder::from(config);
        if let Some(endpoint) = variable("DYNAMODB_ENDPOINT") {
            config = config.endpoint_url(endpoint);
        }
        Self::new(Client::from_conf(config.build()), Tables::from_env())
    }

    /// A store on a client made elsewhere, with the system's clock and randomness.
    #[must_use]
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables,
            clock: Arc::new(SystemClock::default()),
            retention_days: retention_from_env(),
            entropy: Arc::new(SystemEntropy::default()),
        }
    }

    /// A store on the environment's AWS, or on another endpoint such as the local stack's.
    pub async fn connect(endpoint: Option<&str>, tables: Tables) -> Self {
        Self::new(Client::new(&aws_config(endpoint).await), tables)
    }

    /// The same store with another clock and other randomness.
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

    /// How long an event is kept for delivery.
    #[must_use]
    pub fn retention(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.retention_days * 86_400).unwrap_or(0))
    }

    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A random number from 0 up to but not including 1.
    #[must_use]
    pub fn random_fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.random())) / (f64::from(u32::MAX) + 1.0)
    }

    /// Opens the connection by reading a key that does not exist, so that the first request finds it open; a failure is
    /// left for that request to meet.
    pub async fn warm_up(&self) {
        let read = self.client.get_item().table_name(&self.tables.webhooks).set_key(Some(key("WARMUP", "WARMUP")));
        if let Err(error) = read.send().await {
            tracing::debug!(error.kind = %super::error::failed(&error), "the connection could not be opened early");
        }
    }
}
