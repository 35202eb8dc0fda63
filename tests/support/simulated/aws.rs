//! What the machine imitates of AWS besides faults. Nothing, unless a test asks for it.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use serde_yaml_ng::Value;

/// What is imitated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// How many environments all functions have at once; as many as are asked for if there is no limit.
    pub environments: Option<usize>,
    /// How long a new environment takes before it begins with its first invocation.
    pub cold_start: Duration,
    /// The shortest and the longest that a call usually takes; one in a hundred takes ten times as long. Calls of all
    /// invocations are under way at once. Without it each step takes 4 ms in which nobody else does anything.
    pub latency: Option<(Duration, Duration)>,
    /// Whether what an invocation does takes its share of a processor, which follows from its function's memory.
    pub processor: bool,
    /// Whether a partition takes at most a thousand write units a second.
    pub hot_partitions: bool,
    /// By how much an index is behind its table at most.
    pub index_lag: Duration,
}

impl Aws {
    /// A new account on a usual day.
    pub const USUAL: Self = Self {
        environments: Some(10),
        cold_start: Duration::from_millis(60),
        latency: Some((Duration::from_millis(2), Duration::from_millis(6))),
        processor: true,
        hot_partitions: true,
        index_lag: Duration::from_secs(1),
    };
}

/// The functions of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// From the stream to queues.
    FanOut,
    /// From queues to endpoints.
    Drain,
    /// Queues an event for its many subscribers, page by page.
    Spread,
    /// Finds what is due.
    Tick,
    /// Any function of the API.
    Request,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::FanOut, Self::Drain, Self::Spread, Self::Tick, Self::Request];

    /// Its logical id in the template, which is also how traces name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FanOut => "FanOut",
            Self::Drain => "Drain",
            Self::Spread => "Spread",
            Self::Tick => "Tick",
            Self::Request => "Request",
        }
    }

    /// What the template says of it.
    #[must_use]
    pub fn settings(self) -> Settings {
        static ALL: OnceLock<Vec<Settings>> = OnceLock::new();
        ALL.get_or_init(read_settings)[self as usize]
    }
}

/// What the template says of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its memory.
    pub memory_mb: u64,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How often an asynchronous invocation that failed is tried again.
    pub retries: u32,
    /// How long an asynchronous invocation is kept waiting before it is dropped.
    pub longest_wait: Duration,
}

impl Settings {
    /// Its share of a processor, of which a single thread uses at most one.
    #[must_use]
    pub fn share(self) -> f64 {
        let memory = u32::try_from(self.memory_mb).unwrap_or(u32::MAX);
        (f64::from(memory) / 1_769.0).min(1.0)
    }
}

/// Where the template is.
#[must_use]
pub fn template() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../template.yaml"))
}

fn read_settings() -> Vec<Settings> {
    let text = std::fs::read_to_string(template()).unwrap();
    let template: Value = serde_yaml_ng::from_str(&text).unwrap();
    let globals = &template["Globals"]["Function"];
    let of = |function: Function| {
        let own = template["Resources"].get(function.name()).map_or(&Value::Null, |resource| &resource["Properties"]);
        let number = |name: &str, default: u64| own[name].as_u64().or(globals[name].as_u64()).unwrap_or(default);
        let asynchronous = &own["EventInvokeConfig"];
        let retries = asynchronous["MaximumRetryAttempts"].as_u64().unwrap_or(2);
        Settings {
            memory_mb: number("MemorySize", 128),
            timeout: Duration::from_secs(number("Timeout", 3)),
            retries: u32::try_from(retries).unwrap(),
            longest_wait: Duration::from_secs(asynchronous["MaximumEventAgeInSeconds"].as_u64().unwrap_or(21_600)),
        }
    };
    Function::ALL.into_iter().map(of).collect()
}
